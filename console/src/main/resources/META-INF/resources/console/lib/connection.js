// Whether the gateway can be reached. Once it cannot, it is asked until it can.
const INTERVAL = 1500;

class Connection extends EventTarget {
  lost = false;

  /** A request did not reach it. */
  async failed() {
    if (this.lost) {
      return;
    }
    this.#set(true);
    while (this.lost) {
      await new Promise((resolve) => setTimeout(resolve, INTERVAL));
      await fetch("/console/icon.svg", { method: "HEAD", cache: "no-store" }).then(
        () => this.reached(),
        () => {},
      );
    }
  }

  /** A request did. */
  reached() {
    if (this.lost) {
      this.#set(false);
      this.dispatchEvent(new Event("back"));
    }
  }

  #set(lost) {
    this.lost = lost;
    this.dispatchEvent(new Event("change"));
  }
}

export const connection = new Connection();
