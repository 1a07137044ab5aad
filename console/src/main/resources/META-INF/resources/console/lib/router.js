// What is shown stands in the address: #/VIEW/NAME?PARAMETERS.
class Router extends EventTarget {
  constructor() {
    super();
    this.#read();
    addEventListener("hashchange", () => this.#read());
  }

  #read() {
    const [path, query] = location.hash.replace(/^#\/?/, "").split("?", 2);
    const [view, ...name] = path.split("/");
    this.view = view || "ask";
    this.name = name.length ? decodeURIComponent(name.join("/")) : null;
    this.parameters = new URLSearchParams(query ?? "");
    this.dispatchEvent(new Event("change"));
  }

  /** Changes parameters of this view without a step in the history; null takes one away. */
  set(parameters) {
    for (const [key, value] of Object.entries(parameters)) {
      if (value === null || value === "") {
        this.parameters.delete(key);
      } else {
        this.parameters.set(key, value);
      }
    }
    history.replaceState(null, "", href(this.view, this.name, Object.fromEntries(this.parameters)));
    this.dispatchEvent(new Event("change"));
  }
}

/** The address of a view. */
export function href(view, name, parameters = {}) {
  const query = new URLSearchParams(parameters).toString();
  return `#/${view}${name ? `/${encodeURIComponent(name)}` : ""}${query ? `?${query}` : ""}`;
}

/** Goes there. */
export function go(view, name, parameters) {
  location.hash = href(view, name, parameters);
}

export const router = new Router();
