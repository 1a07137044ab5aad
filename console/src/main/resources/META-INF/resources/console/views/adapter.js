// One adapter: its versions, what each replica serves, and what can be done with them.
import { html, nothing } from "lit";
import { canaryCard } from "../elements/canary.js";
import { notice } from "../elements/notice.js";
import { replicaTable } from "../elements/replicas.js";
import { say } from "../elements/toast.js";
import { versionTable } from "../elements/versions.js";
import { change, get, part, save, send } from "../lib/api.js";
import { ConsoleElement } from "../lib/element.js";
import { t } from "../lib/i18n.js";
import { href, router } from "../lib/router.js";

const INTERVAL = 2000;

class Adapter extends ConsoleElement {
  connectedCallback() {
    super.connectedCallback();
    this.every(INTERVAL, () => this.back());
    router.addEventListener("change", () => this.back(), { signal: this.ends });
    document.addEventListener("lk-key-changed", () => this.back(), { signal: this.ends });
  }

  async back() {
    const { name } = router;
    if (router.view !== "adapters" || !name) {
      return;
    }
    try {
      const adapter = await get(`/v1/adapters/${part(name)}`, this.ends);
      if (name === router.name) {
        this.adapter = adapter;
        this.failure = null;
      }
    } catch (e) {
      this.failure = this.ends.aborted ? null : e;
    }
    this.requestUpdate();
  }

  render() {
    const { adapter } = this;
    return html`
      <nav class="crumbs" aria-label=${t("nav.where")}><a href=${href("adapters")}>${t("nav.adapters")}</a></nav>
      <header class="head"><h1>${router.name}</h1>
        <div class="actions">${adapter ? this.#actions(adapter) : nothing}</div>
      </header>
      ${notice(this.failure)} ${notice(this.refused)}
      ${
        adapter
          ? html`${canaryCard(adapter, this)}
              <h2>${t("adapters.history")}</h2>
              ${versionTable(adapter, this)}
              <h2>${t("overview.replicas")}</h2>
              ${replicaTable(adapter)}`
          : nothing
      }`;
  }

  #actions({ name, version }) {
    return html`
      ${version ? html`<a class="button" href=${href("ask", null, { model: name })}>${t("jobs.ask")}</a>` : nothing}
      <a class="button" href=${href("train", null, { adapter: name })}>${t("adapters.train")}</a>
      <label class="button upload">${t("adapters.upload")}<input class="unseen" type="file" accept=".zip" @change=${(event) => this.#upload(event)}></label>
      ${version ? html`<button class="danger" @click=${() => this.#retire(name)}>${t("adapters.retire")}</button>` : nothing}`;
  }

  /** Serves a version: one that was served before by a rollback, another by promoting it. */
  async serve({ checkpoint: { version, acceptance } }, state) {
    const done = t("adapters.servedNow", { version });
    if (state === "superseded") {
      await this.#change("POST", "/rollback", { version }, done);
    } else if (acceptance.every(({ passed }) => passed) || confirm(t("adapters.force"))) {
      await this.#change("POST", "/promote", { version, force: true }, done);
    }
  }

  canary({ checkpoint: { version } }, share) {
    return this.#change("POST", "/canary", { version, share }, t("canary.begun", { version }));
  }

  share(share) {
    return this.#change("PATCH", "/canary", { share }, t("canary.shared"));
  }

  promoteCanary() {
    return this.#change("POST", "/canary/promote", undefined, t("canary.promoted"));
  }

  endCanary() {
    return this.#change("DELETE", "/canary", undefined, t("canary.ended"));
  }

  download({ checkpoint: { version } }) {
    return this.#do(async () => {
      const answer = await send(this.#path(`/versions/${part(version)}/download`));
      save(await answer.blob(), `${router.name}-${version}.zip`);
    });
  }

  async erase({ checkpoint: { version } }) {
    if (confirm(t("adapters.remove.sure", { version }))) {
      await this.#change("DELETE", `/versions/${part(version)}`, undefined, t("adapters.removed", { version }));
    }
  }

  async #retire(name) {
    if (confirm(t("adapters.retire.sure", { name }))) {
      await this.#change("DELETE", "", undefined, t("adapters.retired.now", { name }));
    }
  }

  async #upload({ target }) {
    const body = new FormData();
    body.set("file", target.files[0]);
    target.value = "";
    await this.#do(async () => {
      const { version } = await (await send(this.#path("/upload"), { method: "POST", body })).json();
      say(t("adapters.uploaded", { version }));
    });
  }

  #path(rest) {
    return `/v1/adapters/${part(router.name)}${rest}`;
  }

  #change(method, rest, json, done) {
    return this.#do(async () => {
      await change(method, this.#path(rest), json);
      say(done);
    });
  }

  async #do(action) {
    this.refused = null;
    try {
      await action();
      await this.back();
    } catch (e) {
      this.refused = e;
      this.requestUpdate();
    }
  }
}

customElements.define("lk-adapter", Adapter);
