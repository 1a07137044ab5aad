// Says for a while what an action has done.
import { html, nothing } from "lit";
import { ConsoleElement } from "../lib/element.js";

const SHOWN = 5000;

class Toast extends ConsoleElement {
  connectedCallback() {
    super.connectedCallback();
    document.addEventListener("lk-say", ({ detail }) => this.#say(detail), { signal: this.ends });
  }

  #say({ text, link }) {
    clearTimeout(this.timer);
    this.text = text;
    this.link = link;
    this.requestUpdate();
    this.timer = setTimeout(() => this.#say({ text: "" }), text ? SHOWN : 2 ** 30);
  }

  render() {
    const link = this.link ? html` <a href=${this.link.href}>${this.link.text}</a>` : nothing;
    return html`<div class="toast" role="status">${this.text ? html`<p>${this.text}${link}</p>` : nothing}</div>`;
  }
}

customElements.define("lk-toast", Toast);

/** Says it. */
export function say(text, link) {
  document.dispatchEvent(new CustomEvent("lk-say", { detail: { text, link } }));
}
