// Overview: is it healthy, what waits, and what is served where.
import { html, nothing } from "lit";
import { notice } from "../elements/notice.js";
import { fact, progress, status } from "../elements/status.js";
import { find, get } from "../lib/api.js";
import { ConsoleElement } from "../lib/element.js";
import { moment, number } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { href } from "../lib/router.js";

const INTERVAL = 2500;
const JOBS = 6;

class Overview extends ConsoleElement {
  connectedCallback() {
    super.connectedCallback();
    this.every(INTERVAL, () => this.back());
    document.addEventListener("lk-key-changed", () => this.back(), { signal: this.ends });
  }

  /** Each part by itself: a key may read one and not another. */
  async back() {
    const [overview, models, adapters, jobs] = await Promise.allSettled([
      find("/v1/overview", this.ends),
      get("/v1/models", this.ends),
      get("/v1/adapters?limit=100", this.ends),
      get("/v1/training/jobs?limit=100", this.ends),
    ]);
    if (!this.ends.aborted) {
      Object.assign(this, { overview: overview.value, models, adapters, jobs });
      this.requestUpdate();
    }
  }

  render() {
    return html`
      <header class="head"><h1>${t("nav.overview")}</h1>
        <div class="actions">
          <a class="button" href="/docs/">${t("overview.docs")}</a>
          <a class="button" href=${href("messages")}>${t("nav.messages")}</a>
          ${this.overview?.links?.grafana ? html`<a class="button" href=${this.overview.links.grafana}>Grafana</a>` : nothing}
        </div>
      </header>
      ${this.models ? html`${this.#facts()} ${this.#served()} ${this.#jobs()}` : nothing}
      <aside class="card"><h2>${t("tutorial.title")}</h2><p>${t("tutorial.what")}</p>
        <a class="button" href=${href("tutorial")}>${t("tutorial.open")}</a></aside>`;
  }

  #facts() {
    const answers = this.models.status === "fulfilled";
    const jobs = this.jobs.value?.jobs;
    const count = (wanted) => number(jobs?.filter(({ status: now }) => now === wanted).length);
    const replicas = new Set(this.adapters.value?.adapters.flatMap(({ replicas: at }) => at.map(({ replica }) => replica)));
    const { queue, health, tokens_per_second: speed } = this.overview ?? {};
    return html`<dl class="facts">
      ${fact(t("overview.health"), html`<span class="badge ${answers ? "good" : "bad"}">${t(answers ? "overview.answers" : "overview.silent")}</span>`)}
      ${fact(t("overview.base"), this.models.value?.data.find(({ parent }) => !parent)?.id ?? "–")}
      ${fact(t("overview.replicas"), replicas.size ? number(replicas.size) : "–")}
      ${fact(t("overview.running"), queue ? number(queue.running) : count("running"))}
      ${fact(t("overview.queued"), queue ? number(queue.waiting) : count("queued"))}
      ${speed === undefined ? nothing : fact(t("overview.speed"), number(speed, 1))}
      ${health ? fact(t("overview.broker"), html`<small lang="en">${health.broker}</small>`) : nothing}
    </dl>`;
  }

  #served() {
    const { value, reason } = this.adapters;
    const served = value?.adapters.filter(({ version, replicas }) => version || replicas.some((at) => at.version)) ?? [];
    return html`<h2>${t("overview.served")}</h2>
      ${notice(reason)}
      ${
        value && served.length === 0
          ? html`<p class="muted">${t("overview.nothing")}</p>`
          : html`<div class="scroll" tabindex="0" role="region" aria-label=${t("overview.served")}><table class="rows">
              <thead><tr><th>${t("jobs.adapter")}</th><th>${t("adapters.version")}</th><th>${t("overview.replicas")}</th></tr></thead>
              <tbody>${served.map((adapter) => adapterRow(adapter))}</tbody>
            </table></div>`
      }`;
  }

  #jobs() {
    const { value, reason } = this.jobs;
    return html`<h2>${t("overview.recent")}</h2>
      ${notice(reason)}
      ${
        value?.jobs.length > 0
          ? html`<div class="scroll" tabindex="0" role="region" aria-label=${t("overview.recent")}><table class="rows"><tbody>${value.jobs.filter(({ status: now }) => now !== "validated").slice(0, JOBS).map((job) => jobRow(job))}</tbody></table></div>`
          : value
            ? html`<p class="muted">${t("jobs.none")}</p>`
            : nothing
      }`;
  }
}

function adapterRow({ name, version, replicas }) {
  const there = replicas.filter((at) => at.version === version).length;
  return html`<tr>
    <td><a href=${href("adapters", name)}>${name}</a></td>
    <td><code>${version ?? "–"}</code></td>
    <td><span class="badge ${there === replicas.length && there > 0 ? "good" : "warn"}">${t("acceptance.of", { good: there, all: replicas.length })}</span></td>
  </tr>`;
}

function jobRow(job) {
  const at = job.progress;
  return html`<tr>
    <td><a href=${href("jobs", job.job_id)}>${job.job_id}</a></td>
    <td>${job.adapter}</td>
    <td>${status(job.status)}</td>
    <td class="steps">${at && job.status === "running" ? progress(at.global_step / at.max_steps, t("jobs.progress")) : nothing}</td>
    <td class="n">${moment(job.updated)}</td>
  </tr>`;
}

customElements.define("lk-overview", Overview);
