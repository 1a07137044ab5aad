// What all elements of the page are: without a shadow, so that one style sheet is for all, and in the chosen language.
import { LitElement } from "lit";
import { connection } from "./connection.js";
import { prefs } from "./prefs.js";

export class ConsoleElement extends LitElement {
  #ends = null;

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    this.#ends = new AbortController();
    prefs.addEventListener("change", () => this.requestUpdate(), { signal: this.ends });
    connection.addEventListener("back", () => this.back?.(), { signal: this.ends });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#ends.abort();
  }

  /** Aborted when the element leaves the page: what it listens to and has asked for ends with it. */
  get ends() {
    return this.#ends.signal;
  }

  /** Runs something now and then again and again, each time so many milliseconds after the last time's end. */
  async every(millis, action) {
    const { ends } = this;
    while (!ends.aborted) {
      if (!document.hidden) {
        await action();
      }
      await new Promise((resolve) => setTimeout(resolve, millis));
    }
  }
}
