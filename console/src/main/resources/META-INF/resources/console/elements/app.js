// The frame around every view: where to go, who one is, and whether the gateway can be reached.
import { html, nothing } from "lit";
import { connection } from "../lib/connection.js";
import { draft } from "../lib/draft.js";
import { ConsoleElement } from "../lib/element.js";
import { t } from "../lib/i18n.js";
import { icon } from "../lib/icons.js";
import { prefs } from "../lib/prefs.js";
import { href, router } from "../lib/router.js";
import "./key-dialog.js";
import "./toast.js";

const VIEWS = {
  ask: { load: () => import("../views/ask.js"), show: () => html`<lk-ask></lk-ask>` },
  train: { load: () => import("../views/train.js"), show: () => html`<lk-train></lk-train>` },
  jobs: { load: () => import("../views/jobs.js"), show: (name) => (name ? html`<lk-job></lk-job>` : html`<lk-jobs></lk-jobs>`) },
  adapters: {
    load: () => import("../views/adapters.js"),
    show: (name) => (name ? html`<lk-adapter></lk-adapter>` : html`<lk-adapters></lk-adapters>`),
  },
  overview: { load: () => import("../views/overview.js"), show: () => html`<lk-overview></lk-overview>` },
};
/** Those that the overview leads to. */
const OTHERS = {
  messages: { load: () => import("../views/messages.js"), show: () => html`<lk-messages></lk-messages>` },
  tutorial: { load: () => import("../views/tutorial.js"), show: () => html`<lk-tutorial></lk-tutorial>` },
};

class App extends ConsoleElement {
  connectedCallback() {
    super.connectedCallback();
    router.addEventListener("change", () => this.#arrive(), { signal: this.ends });
    connection.addEventListener("change", () => this.requestUpdate(), { signal: this.ends });
    draft.addEventListener("change", () => this.requestUpdate(), { signal: this.ends });
    this.#arrive();
  }

  async #arrive() {
    const view = VIEWS[router.view] ?? OTHERS[router.view] ?? VIEWS.ask;
    await view.load();
    const moved = this.view && (this.view !== view || this.shown !== router.name);
    this.view = view;
    this.shown = router.name;
    this.requestUpdate();
    await this.updateComplete;
    this.querySelector(".boot")?.remove();
    document.title = `${t(`nav.${view === VIEWS.ask ? "ask" : router.view}`)} · Lorikeet`;
    if (moved) {
      this.querySelector("main").focus();
      scrollTo(0, 0);
    }
  }

  render() {
    return html`
      <a class="skip" href="#main" @click=${this.#skip}>${t("nav.skip")}</a>
      <header class="frame">
        <a class="name" href=${href("ask")}><img src="/console/icon.svg" alt="" width="22" height="22">Lorikeet</a>
        <nav aria-label=${t("nav.label")}>${Object.keys(VIEWS).map((view) => this.#link(view))}</nav>
        <div class="tools">${this.#tools()}</div>
      </header>
      <main id="main" tabindex="-1">
        <div role="status">${connection.lost ? html`<p class="banner">${t("connection.lost")}</p>` : nothing}</div>
        ${this.view?.show(router.name) ?? nothing}
      </main>
      <lk-toast></lk-toast>
      <lk-key-dialog></lk-key-dialog>`;
  }

  #link(view) {
    const here = router.view === view;
    const waiting = view === "train" && draft.job.acceptance.length + (draft.job.rows ? 1 : 0) > 0;
    return html`<a href=${href(view)} aria-current=${here ? "page" : nothing}>
      ${icon(view)}<span>${t(`nav.${view}`)}</span>${waiting ? html`<i class="dot" title=${t("nav.draft")}></i>` : nothing}
    </a>`;
  }

  #tools() {
    const zh = prefs.language === "zh-CN";
    const dark = prefs.theme === "dark";
    return html`
      <button class="quiet" lang=${zh ? "en" : "zh-CN"} @click=${() => (prefs.language = zh ? "en" : "zh-CN")}>
        ${zh ? "English" : "中文"}
      </button>
      <button class="quiet" aria-label=${t(dark ? "theme.light" : "theme.dark")} title=${t(dark ? "theme.light" : "theme.dark")}
        @click=${() => (prefs.theme = dark ? "light" : "dark")}>${icon(dark ? "sun" : "moon")}</button>
      <button class="quiet" aria-label=${t("key.open")} title=${t("key.open")}
        @click=${() => this.querySelector("lk-key-dialog").open()}>
        ${icon("key")}${prefs.key ? html`<i class="dot"></i>` : nothing}
      </button>`;
  }

  #skip(event) {
    event.preventDefault();
    this.querySelector("main").focus();
  }
}

customElements.define("lk-app", App);
