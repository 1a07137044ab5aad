// Train: rows, settings and questions are put together, checked by a dry run, and sent.
import { html, nothing } from "lit";
import { acceptanceEditor } from "../elements/acceptance-editor.js";
import { checkList } from "../elements/check-list.js";
import { dataEditor } from "../elements/data-editor.js";
import { notice } from "../elements/notice.js";
import { settingsForm } from "../elements/settings-form.js";
import { change, find, get, part } from "../lib/api.js";
import { check, estimate } from "../lib/check.js";
import { draft } from "../lib/draft.js";
import { ConsoleElement } from "../lib/element.js";
import { exampleJob, exampleRows } from "../lib/example.js";
import { t } from "../lib/i18n.js";
import { go, router } from "../lib/router.js";
import { parseRows } from "../lib/rows.js";
import { settings, value } from "../lib/schema.js";
import { draftOf, remember } from "../lib/sent.js";
import { placed } from "../lib/upload.js";

/** Characters that a text field still takes lightly. */
const LONG = 300_000;

class Train extends ConsoleElement {
  leaveOut = false;

  connectedCallback() {
    super.connectedCallback();
    draft.addEventListener("change", () => this.#changed(), { signal: this.ends });
    document.addEventListener("lk-key-changed", () => this.back(), { signal: this.ends });
    this.#changed();
    this.back();
    this.#arrive();
  }

  async back() {
    this.form ??= await settings().catch((e) => ((this.failure = e), null));
    this.jobs = (await get("/v1/training/jobs?limit=50", this.ends).catch((e) => ((this.failure ??= this.ends.aborted ? null : e), null)))?.jobs;
    this.requestUpdate();
  }

  /** What the address asks for: an adapter's name, or a job to begin from. */
  async #arrive() {
    const from = router.parameters.get("from");
    const adapter = router.parameters.get("adapter");
    router.set({ from: null, adapter: null });
    if (adapter) {
      draft.set({ adapter });
    }
    const job = from && (await find(`/v1/training/jobs/${part(from)}`, this.ends).catch(() => undefined));
    if (job) {
      draft.set(draftOf(job));
    }
  }

  /** What was found no longer holds. */
  #changed() {
    this.parsed = this.text === draft.job.rows ? this.parsed : parseRows(draft.job.rows, draft.job.name);
    this.text = draft.job.rows;
    this.report = null;
    this.requestUpdate();
  }

  render() {
    const { job } = draft;
    return html`
      <header class="head"><h1>${t("nav.train")}</h1>
        <div class="actions"><button class="quiet" @click=${() => draft.clear()}>${t("train.clear")}</button></div>
      </header>
      ${job.partly ? html`<p class="notice warn">${t("train.partly")}</p>` : nothing}
      <form class="train" @submit=${(event) => this.#submit(event)}>
        <div class="parts">
          <section class="card">
            <h2>${t("train.data")}</h2>
            ${dataEditor(this, { text: job.rows, name: job.name, files: job.files, parsed: this.parsed, leaveOut: this.leaveOut, long: job.rows.length > LONG })}
          </section>
          <section class="card">
            <h2>${t("acceptance.title")}</h2>
            <p class="muted">${t("acceptance.about")}</p>
            ${acceptanceEditor(job.acceptance, (acceptance) => draft.set({ acceptance }))}
            ${this.#promote(job)}
          </section>
          <section class="card">
            <h2>${t("train.settings")}</h2>
            ${this.form ? settingsForm(this.form, job.settings, (name, text) => this.#set(name, text)) : nothing}
          </section>
        </div>
        ${this.#side(job)}
      </form>`;
  }

  #promote({ promote }) {
    return html`<label class="inline">${t("train.promote")}
      <select name="promote" .value=${promote} @change=${(event) => draft.set({ promote: event.target.value })}>
        ${["if_accepted", "always", "never"].map((when) => html`<option value=${when} ?selected=${when === promote}>${t(`train.promote.${when}`)}</option>`)}
      </select>
    </label>`;
  }

  #side({ adapter }) {
    return html`<aside class="side card">
      <h2>${t("train.start")}</h2>
      <label>${t("train.adapter")}
        <input name="adapter" required pattern="[A-Za-z0-9][A-Za-z0-9._\\-]{0,63}" autocomplete="off" spellcheck="false" .value=${adapter}
          @change=${(event) => draft.set({ adapter: event.target.value.trim() })}>
        <small>${t("train.adapter.about")}</small>
      </label>
      <div class="actions">
        <button name="what" value="check" ?disabled=${this.busy || !this.#ready}>${t("train.check")}</button>
        <button name="what" value="start" class="primary" ?disabled=${this.busy || !this.#ready}>${t("train.begin")}</button>
      </div>
      ${this.#ready ? nothing : html`<p class="muted">${t("train.needsRows")}</p>`}
      <div role="status">${this.busy ? html`<p class="muted">${t(`train.busy.${this.busy}`)}</p>` : nothing}</div>
      ${notice(this.failure)} ${this.report ? this.#report() : nothing}
    </aside>`;
  }

  #report() {
    const { report } = this;
    return checkList(report, {
      lineOf: (row) => (draft.job.rows && row ? this.parsed.lines[row - 1] : null),
      maxLength: Number(draft.job.settings.max_length) || null,
      time: estimate(report, this.jobs),
    });
  }

  get #ready() {
    const { rows, problems } = this.parsed;
    return (rows.length > 0 || draft.job.files.trim() !== "") && (problems.length === 0 || this.leaveOut);
  }

  onText(rows, name) {
    this.leaveOut = false;
    draft.set({ rows, name });
  }

  onFiles(files) {
    draft.set({ files });
  }

  onLeaveOut(leaveOut) {
    this.leaveOut = leaveOut;
    this.requestUpdate();
  }

  /** Goes to a line of the text. */
  onLine(line) {
    const field = this.querySelector("[name=rows]");
    const lines = field.value.split("\n");
    const begin = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    field.focus();
    field.setSelectionRange(begin, begin + (lines[line - 1]?.length ?? 0));
    field.scrollTop = (field.scrollHeight * (line - 2)) / lines.length;
  }

  async onExample() {
    const { adapter, acceptance, num_train_epochs, learning_rate, gradient_checkpointing } = await exampleJob();
    const rows = (await exampleRows()).map((row) => JSON.stringify(row)).join("\n");
    const chosen = { num_train_epochs, learning_rate, gradient_checkpointing };
    draft.set({
      adapter,
      acceptance,
      rows,
      name: "self_cognition.jsonl",
      settings: Object.fromEntries(Object.entries(chosen).map(([name, one]) => [name, String(one)])),
    });
  }

  #set(name, text) {
    const { [name]: _, ...others } = draft.job.settings;
    draft.set({ settings: text.trim() === "" ? others : { ...others, [name]: text.trim() } });
  }

  async #command() {
    const { job } = draft;
    const all = [...this.form.usual, ...this.form.others];
    const chosen = all.filter(({ name }) => name in job.settings).map((setting) => [setting.name, value(setting, job.settings[setting.name])]);
    const { rows, dataset = [] } = await placed(this.parsed.rows, job.name);
    const files = job.files.split("\n").map((line) => line.trim()).filter(Boolean);
    return {
      type: "train",
      adapter: job.adapter,
      ...(rows ? { rows } : {}),
      dataset: [...dataset, ...files],
      ...Object.fromEntries(chosen),
      acceptance: job.acceptance.filter(({ question }) => question.trim()),
      promote: job.promote,
    };
  }

  async #submit(event) {
    event.preventDefault();
    this.busy = event.submitter?.value ?? "check";
    this.failure = null;
    this.requestUpdate();
    try {
      const command = await this.#command();
      if (this.busy === "check") {
        this.report = await check(command, this.ends);
      } else {
        await this.#start({ ...command, job_id: `${command.adapter}-${Date.now().toString(36)}` });
      }
    } catch (e) {
      this.failure = this.ends.aborted ? null : e;
    }
    this.busy = null;
    this.requestUpdate();
  }

  async #start(command) {
    await change("POST", "/v1/training/jobs", command);
    remember(command);
    go("jobs", command.job_id);
  }
}

customElements.define("lk-train", Train);
