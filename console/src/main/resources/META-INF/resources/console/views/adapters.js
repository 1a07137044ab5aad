// Adapters: all of them, by name.
import { html, nothing } from "lit";
import { notice } from "../elements/notice.js";
import { passed } from "../elements/status.js";
import { get } from "../lib/api.js";
import { ConsoleElement } from "../lib/element.js";
import { moment, number } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { href } from "../lib/router.js";
import "./adapter.js";

const INTERVAL = 3000;

class Adapters extends ConsoleElement {
  connectedCallback() {
    super.connectedCallback();
    this.every(INTERVAL, () => this.back());
    document.addEventListener("lk-key-changed", () => this.back(), { signal: this.ends });
  }

  async back() {
    try {
      this.list = (await get("/v1/adapters?limit=1000", this.ends)).adapters;
      this.failure = null;
    } catch (e) {
      this.failure = this.ends.aborted ? null : e;
    }
    this.requestUpdate();
  }

  render() {
    return html`<header class="head"><h1>${t("nav.adapters")}</h1></header>
      ${notice(this.failure)}
      ${this.list?.length === 0 ? html`<p class="empty">${t("adapters.none")} <a href=${href("tutorial")}>${t("tutorial.open")}</a></p>` : nothing}
      ${this.list?.length > 0 ? this.#table() : nothing}`;
  }

  #table() {
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${t("nav.adapters")}><table class="rows">
      <thead><tr><th>${t("adapters.name")}</th><th>${t("adapters.served")}</th><th>${t("acceptance.title")}</th>
        <th class="n">${t("adapters.versions")}</th><th class="n">${t("adapters.since")}</th></tr></thead>
      <tbody>${this.list.map(
        ({ name, version, checkpoint, versions }) => html`<tr>
          <td><a href=${href("adapters", name)}>${name}</a></td>
          <td>${version ? html`<code>${version}</code>` : html`<span class="badge">${t("adapters.retired")}</span>`}</td>
          <td>${passed(checkpoint?.acceptance ?? [])}</td>
          <td class="n">${number(versions.length)}</td>
          <td class="n">${moment(checkpoint?.time)}</td>
        </tr>`,
      )}</tbody>
    </table></div>`;
  }
}

customElements.define("lk-adapters", Adapters);
