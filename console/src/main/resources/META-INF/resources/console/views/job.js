// One job while it runs and after, with another one's curves over its own if that is asked for.
import { html, nothing } from "lit";
import "../elements/chart.js";
import { curves } from "../elements/curves.js";
import { jobLog } from "../elements/job-log.js";
import { notice } from "../elements/notice.js";
import { answers, fact, progress, status } from "../elements/status.js";
import { say } from "../elements/toast.js";
import { change, get, part } from "../lib/api.js";
import { ConsoleElement } from "../lib/element.js";
import { figure, moment, number, seconds } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { address } from "../lib/models.js";
import { href, router } from "../lib/router.js";
import { Run } from "../lib/run.js";

class Job extends ConsoleElement {
  connectedCallback() {
    super.connectedCallback();
    router.addEventListener("change", () => this.#look(), { signal: this.ends });
    document.addEventListener("lk-key-changed", () => this.#look(true), { signal: this.ends });
    this.#look();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.following?.abort();
  }

  /** Follows the jobs that the address names. */
  #look(anew = false) {
    const names = [router.name, router.parameters.get("with")].filter(Boolean);
    if (router.view === "jobs" && router.name && (anew || names.join() !== this.names)) {
      this.names = names.join();
      this.following?.abort();
      this.following = new AbortController();
      this.failure = null;
      this.runs = names.map((id) => this.#follow(id, this.following.signal));
      get("/v1/training/jobs?limit=50", this.ends).then(
        (list) => (this.others = list.jobs.map(({ job_id: id }) => id)),
        () => {},
      );
    }
    this.requestUpdate();
  }

  #follow(id, signal) {
    const run = new Run(id);
    run.addEventListener("change", () => this.requestUpdate());
    run.follow(signal).catch((e) => {
      this.failure = signal.aborted ? null : e;
      this.requestUpdate();
    });
    return run;
  }

  render() {
    const [run] = this.runs ?? [];
    return run
      ? html`
          <nav class="crumbs" aria-label=${t("nav.where")}><a href=${href("jobs")}>${t("nav.jobs")}</a></nav>
          ${this.#head(run)} ${notice(this.failure)}
          ${run.lost ? html`<p class="banner" role="status">${t("jobs.lost")}</p>` : nothing}
          ${this.#figures(run)} ${this.#outcome(run)} ${curves(this.runs, (smoothing) => router.set({ smooth: smoothing }))}
          ${run.answers.length > 0 ? html`<h2>${t("acceptance.title")}</h2>${answers(run.answers)}` : nothing}
          ${this.#checkpoints(run)} ${jobLog(run)}`
      : nothing;
  }

  #head(run) {
    const running = ["queued", "running"].includes(run.status);
    return html`<header class="head">
      <h1>${run.id}</h1> ${run.log.length > 0 ? status(run.status) : nothing}
      <div class="actions">
        ${this.#compare(run)}
        <a class="button" href=${href("train", null, { from: run.id })}>${t("jobs.again")}</a>
        ${running && run.log.length > 0 ? html`<button class="danger" ?disabled=${this.cancelling} @click=${() => this.#cancel(run)}>${t("jobs.cancel")}</button>` : nothing}
      </div>
    </header>`;
  }

  #compare(run) {
    const others = (this.others ?? []).filter((id) => id !== run.id);
    const other = router.parameters.get("with") ?? "";
    return html`<label class="inline">${t("jobs.with")}
      <select .value=${other} @change=${(event) => router.set({ with: event.target.value })}>
        <option value="">–</option>
        ${(other && !others.includes(other) ? [other, ...others] : others).map((id) => html`<option value=${id} ?selected=${id === other}>${id}</option>`)}
      </select>
    </label>`;
  }

  #figures({ progress: at, started, share, status: now, outcome, adapter }) {
    const summary = outcome?.summary;
    const speed = summary && summary.train_runtime > 0 ? summary.train_tokens / summary.train_runtime : null;
    return html`
      ${now === "running" || now === "queued" ? progress(share, t("jobs.progress")) : nothing}
      <dl class="facts">
        ${fact(t("jobs.adapter"), adapter ? html`<a href=${href("adapters", adapter)}>${adapter}</a>` : "–")}
        ${fact(t("jobs.step"), at ? `${number(at.global_step)} / ${number(at.max_steps)}` : "–", at ? t("jobs.epoch", { epoch: figure(at.epoch) }) : "")}
        ${fact(t("jobs.loss"), figure(at?.loss))}
        ${now === "running" ? fact(t("jobs.left"), seconds(at?.remaining_time)) : fact(t("jobs.took"), seconds(summary?.train_runtime ?? at?.elapsed_time))}
        ${speed ? fact(t("jobs.speed"), number(speed)) : fact(t("jobs.perStep"), at ? seconds(at.train_speed) : "–")}
        ${fact(t("jobs.rows"), number(started?.rows_kept), started?.rows_dropped ? t("jobs.dropped", { n: started.rows_dropped }) : "")}
      </dl>
      ${(started?.warnings ?? []).map((warning) => html`<p class="notice warn" lang="en">${warning}</p>`)}`;
  }

  #outcome({ outcome }) {
    if (outcome?.type === "failed") {
      return html`<div class="notice bad" role="alert"><strong>${t("jobs.failed", { where: outcome.where ?? "" })}</strong><p lang="en">${outcome.reason}</p></div>`;
    }
    if (outcome?.type === "succeeded" && outcome.checkpoint) {
      const { adapter, version } = outcome.checkpoint;
      return html`<p class="notice ${outcome.promoted ? "good" : "warn"}">
        ${t(outcome.promoted ? "jobs.promoted" : "jobs.notPromoted")} <code>${version}</code>
        <a href=${href("ask", null, { model: outcome.promoted ? adapter : address(adapter, version) })}>${t("jobs.ask")}</a>
        <a href=${href("adapters", adapter)}>${t("jobs.toAdapter")}</a>
      </p>`;
    }
    return nothing;
  }

  #checkpoints({ checkpoints }) {
    return checkpoints.length === 0
      ? nothing
      : html`<h2>${t("jobs.checkpoints")}</h2>
          <ul class="plain">${checkpoints.map(({ step, path, time }) => html`<li><b>${t("jobs.atStep", { step })}</b> <code>${path}</code> <span class="muted">${moment(time)}</span></li>`)}</ul>`;
  }

  async #cancel(run) {
    this.cancelling = true;
    try {
      await change("POST", `/v1/training/jobs/${part(run.id)}/cancel`);
      say(t("jobs.cancelling"));
    } catch (e) {
      this.failure = e;
    }
    this.cancelling = false;
    this.requestUpdate();
  }
}

customElements.define("lk-job", Job);
