// Jobs: all of them, the newest first.
import { html, nothing } from "lit";
import { notice } from "../elements/notice.js";
import { progress, status } from "../elements/status.js";
import { get } from "../lib/api.js";
import { ConsoleElement } from "../lib/element.js";
import { figure, moment, seconds } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { href, router } from "../lib/router.js";
import "./job.js";

const INTERVAL = 2000;
const PAGE = 50;

class Jobs extends ConsoleElement {
  connectedCallback() {
    super.connectedCallback();
    this.pages = 1;
    router.addEventListener("change", () => this.requestUpdate(), { signal: this.ends });
    this.every(INTERVAL, () => this.back());
    document.addEventListener("lk-key-changed", () => this.back(), { signal: this.ends });
  }

  async back() {
    try {
      this.list = await get(`/v1/training/jobs?limit=${this.pages * PAGE}`, this.ends);
      this.failure = null;
    } catch (e) {
      this.failure = this.ends.aborted ? null : e;
    }
    this.requestUpdate();
  }

  render() {
    return html`
      <header class="head"><h1>${t("nav.jobs")}</h1><a class="button primary" href=${href("train")}>${t("jobs.new")}</a></header>
      ${notice(this.failure)} ${this.list ? this.#table() : nothing}`;
  }

  #table() {
    const { jobs: all, has_more: more } = this.list;
    const checks = router.parameters.has("checks");
    const jobs = all.filter(({ status: now }) => checks || now !== "validated");
    if (all.length === 0) {
      return html`<p class="empty">${t("jobs.none")} <a href=${href("tutorial")}>${t("tutorial.open")}</a></p>`;
    }
    return html`
      <div class="scroll" tabindex="0" role="region" aria-label=${t("nav.jobs")}><table class="rows">
        <thead><tr>
          <th>${t("jobs.job")}</th><th>${t("jobs.status")}</th><th>${t("jobs.adapter")}</th><th>${t("jobs.progress")}</th>
          <th class="n">${t("jobs.loss")}</th><th class="n">${t("jobs.left")}</th><th class="n">${t("jobs.created")}</th>
        </tr></thead>
        <tbody>${jobs.map((job) => row(job))}</tbody>
      </table></div>
      <label class="inline"><input type="checkbox" .checked=${checks} @change=${({ target }) => router.set({ checks: target.checked ? "1" : null })}>${t("jobs.checks")}</label>
      ${more && all.length < 1000 ? html`<button @click=${() => this.#more()}>${t("jobs.more")}</button>` : nothing}`;
  }

  #more() {
    this.pages++;
    this.back();
  }
}

function row(job) {
  const { progress: at, status: now } = job;
  const running = now === "running" && at;
  const share = now === "succeeded" ? 1 : at ? at.global_step / at.max_steps : 0;
  return html`<tr>
    <td><a href=${href("jobs", job.job_id)}>${job.job_id}</a></td>
    <td>${status(now)}</td>
    <td>${job.adapter}</td>
    <td class="steps">${at ? html`${progress(share, t("jobs.progress"))} <small>${at.global_step}/${at.max_steps}</small>` : nothing}</td>
    <td class="n">${figure(at?.loss)}</td>
    <td class="n">${running ? seconds(at.remaining_time) : "–"}</td>
    <td class="n">${moment(job.created)}</td>
  </tr>`;
}

customElements.define("lk-jobs", Jobs);
