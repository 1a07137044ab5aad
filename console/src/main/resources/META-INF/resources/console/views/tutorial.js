// The tutorial in one click: three questions, a training of the example, the same questions again.
import { html, nothing } from "lit";
import "../elements/chart.js";
import { notice } from "../elements/notice.js";
import { progress, rule } from "../elements/status.js";
import { change } from "../lib/api.js";
import { Answer } from "../lib/answer.js";
import { ConsoleElement } from "../lib/element.js";
import { exampleJob } from "../lib/example.js";
import { number, seconds } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { address, models } from "../lib/models.js";
import { href } from "../lib/router.js";
import { Run } from "../lib/run.js";
import { smooth } from "../lib/smooth.js";

const MAX_TOKENS = 64;
const STEPS = ["before", "train", "after"];

class Tutorial extends ConsoleElement {
  /** Of STEPS: the one that is under way; undefined before the first, STEPS.length after the last. */
  step = undefined;

  render() {
    return html`
      <header class="head"><h1>${t("tutorial.title")}</h1>
        <div class="actions">
          <button class="primary" ?disabled=${this.#running} @click=${() => this.#begin()}>${t(this.step === undefined ? "tutorial.begin" : "tutorial.anew")}</button>
        </div>
      </header>
      <p class="prose">${t("tutorial.about")}</p>
      ${notice(this.failure)}
      <ol class="stages">${STEPS.map((name, at) => this.#stage(name, at))}</ol>
      ${this.job ? this.#table() : nothing} ${this.#training()} ${this.#end()}`;
  }

  get #running() {
    return this.step !== undefined && this.step < STEPS.length && !this.failure;
  }

  #stage(name, at) {
    const state = this.step === undefined || this.step < at ? "" : this.step > at ? "done" : this.failure ? "failed" : "live";
    return html`<li class=${state} aria-current=${state === "live" ? "step" : nothing}><b>${t(`tutorial.${name}`)}</b><small>${t(`tutorial.${name}.about`)}</small></li>`;
  }

  #table() {
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${t("acceptance.title")}><table class="answers">
      <thead><tr><th>${t("acceptance.question")}</th><th>${t("tutorial.before")}</th><th>${t("tutorial.after")}</th><th>${t("acceptance.rule")}</th><th>${t("acceptance.passed")}</th></tr></thead>
      <tbody>${this.job.acceptance.map(
        (question, i) => html`<tr>
          <td lang="zh-CN">${question.question}</td><td lang="zh-CN">${this.before?.[i]?.text}</td><td lang="zh-CN">${this.after?.[i]?.text}</td>
          <td lang="zh-CN">${rule(question)}</td><td>${this.#passed(question, this.after?.[i])}</td>
        </tr>`,
      )}</tbody>
    </table></div>`;
  }

  #passed(question, answer) {
    return answer?.ended
      ? html`<span class="badge ${passes(question, answer.text) ? "good" : "bad"}">${t(passes(question, answer.text) ? "yes" : "no")}</span>`
      : nothing;
  }

  #training() {
    const { run } = this;
    if (!run) {
      return nothing;
    }
    const at = run.progress;
    return html`
      <section class="card">
        <div class="head"><h2><a href=${href("jobs", run.id)}>${run.id}</a></h2>
          <span class="muted">${at ? t("tutorial.step", { step: at.global_step, of: at.max_steps, left: seconds(at.remaining_time) }) : t(`status.${run.status}`)}</span></div>
        ${run.lost ? html`<p class="banner" role="status">${t("jobs.lost")}</p>` : nothing}
        ${progress(run.share, t("jobs.progress"))}
        ${run.steps.length > 1 ? html`<lk-chart .label=${t("curves.loss")} .series=${[{ label: run.id, x: [...run.steps], y: smooth(run.loss, 0) }]}></lk-chart>` : nothing}
      </section>`;
  }

  #end() {
    if (this.step !== STEPS.length) {
      return nothing;
    }
    const good = this.job.acceptance.filter((question, i) => passes(question, this.after[i].text)).length;
    const all = this.job.acceptance.length;
    return html`<p class="notice ${good === all ? "good" : "warn"}" role="status">
      ${t("tutorial.end", { good: number(good), all: number(all), time: seconds(this.took) })}
      <a href=${href("ask", null, { model: this.base, with: this.job.adapter })}>${t("tutorial.goOn")}</a>
      <a href=${href("adapters", this.job.adapter)}>${t("jobs.toAdapter")}</a>
    </p>`;
  }

  async #begin() {
    Object.assign(this, { failure: null, before: null, after: null, run: null, job: null, step: 0 });
    const begun = performance.now();
    try {
      this.job = await exampleJob();
      this.base = (await models(this.ends)).base;
      this.before = await this.#askAll(this.base, (answers) => (this.before = answers));
      this.#next();
      const trained = await this.#train();
      this.#next();
      await this.#askAll(address(trained.adapter, trained.version), (answers) => (this.after = answers), trained);
      this.took = (performance.now() - begun) / 1000;
      this.#next();
    } catch (e) {
      this.failure = this.ends.aborted ? null : e;
      this.requestUpdate();
    }
  }

  #next() {
    this.step++;
    this.requestUpdate();
  }

  async #askAll(model, show, trained) {
    const answers = this.job.acceptance.map(() => new Answer(trained ? trained.adapter : model));
    show(answers);
    for (const [i, { question }] of this.job.acceptance.entries()) {
      const messages = [{ role: "user", content: question }];
      await answers[i].ask({ messages, temperature: 0, maxTokens: MAX_TOKENS }, () => this.requestUpdate());
      if (answers[i].state !== "done") {
        throw new Error(answers[i].error);
      }
    }
    return answers;
  }

  /** Trains, and waits until what was trained is served. */
  async #train() {
    await change("POST", "/v1/training/jobs", this.job);
    this.run = new Run(this.job.job_id);
    this.run.addEventListener("change", () => this.requestUpdate());
    await this.run.follow(this.ends);
    const { outcome } = this.run;
    if (outcome?.type !== "succeeded" || !outcome.promoted) {
      throw new Error(outcome?.reason ?? t("jobs.notPromoted"));
    }
    const { checkpoint } = outcome;
    while (!this.ends.aborted && (await this.#served()) !== checkpoint.version) {
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    return checkpoint;
  }

  async #served() {
    const { adapters } = await models(this.ends);
    const adapter = adapters.find(({ name }) => name === this.job.adapter);
    return adapter?.replicas.every(({ version }) => version === adapter.version) ? adapter.version : null;
  }
}

function passes({ must_contain: must = [], must_not_contain: mustNot = [] }, text) {
  return must.every((word) => text.includes(word)) && !mustNot.some((word) => text.includes(word));
}

customElements.define("lk-tutorial", Tutorial);
