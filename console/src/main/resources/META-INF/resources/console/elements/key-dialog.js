// Asks for the API key, which stays in this tab.
import { html, nothing } from "lit";
import { ConsoleElement } from "../lib/element.js";
import { t } from "../lib/i18n.js";
import { prefs } from "../lib/prefs.js";

class KeyDialog extends ConsoleElement {
  connectedCallback() {
    super.connectedCallback();
    document.addEventListener("lk-key-needed", () => this.open(true), { signal: this.ends });
  }

  get #dialog() {
    return this.querySelector("dialog");
  }

  open(needed = false) {
    this.needed = needed;
    this.requestUpdate();
    if (!this.#dialog.open) {
      this.#dialog.showModal();
    }
  }

  render() {
    return html`
      <dialog aria-labelledby="key-title">
        <form method="dialog" @submit=${this.#keep}>
          <h2 id="key-title">${t("key.title")}</h2>
          <p>${t(this.needed ? "key.needed" : "key.about")}</p>
          <label>${t("key.label")}
            <input name="key" type="password" autocomplete="off" spellcheck="false" .value=${prefs.key}>
          </label>
          <div class="actions">
            <button class="primary">${t("key.use")}</button>
            <button type="button" @click=${() => this.#dialog.close()}>${t("cancel")}</button>
            ${prefs.key ? html`<button type="button" class="quiet" @click=${this.#forget}>${t("key.forget")}</button>` : nothing}
          </div>
        </form>
      </dialog>`;
  }

  #keep(event) {
    prefs.key = new FormData(event.target).get("key").trim();
    this.#reload();
  }

  #forget() {
    prefs.key = "";
    this.#dialog.close();
    this.#reload();
  }

  /** Every view asks anew, as somebody else. */
  #reload() {
    dispatchEvent(new HashChangeEvent("hashchange"));
    document.dispatchEvent(new CustomEvent("lk-key-changed"));
  }
}

customElements.define("lk-key-dialog", KeyDialog);
