// Ask: a conversation with one model, or with two side by side.
import { html, nothing } from "lit";
import { answerCard } from "../elements/answer.js";
import { modelSelect } from "../elements/model-select.js";
import { notice } from "../elements/notice.js";
import { conversation, history } from "../lib/conversation.js";
import { ConsoleElement } from "../lib/element.js";
import { t } from "../lib/i18n.js";
import { icon } from "../lib/icons.js";
import { models } from "../lib/models.js";
import { href, router } from "../lib/router.js";

const MAX_TOKENS = 512;

class Ask extends ConsoleElement {
  connectedCallback() {
    super.connectedCallback();
    const again = () => this.requestUpdate();
    conversation.addEventListener("change", again, { signal: this.ends });
    router.addEventListener("change", again, { signal: this.ends });
    document.addEventListener("lk-key-changed", () => this.back(), { signal: this.ends });
    this.back();
  }

  /** Asks anew who can be asked. */
  async back() {
    try {
      this.known = await models(this.ends);
      this.failure = null;
    } catch (e) {
      this.failure = this.ends.aborted ? null : e;
    }
    this.requestUpdate();
  }

  get #settings() {
    const { parameters } = router;
    return {
      system: parameters.get("system") ?? "",
      temperature: Number(parameters.get("temperature") ?? 0),
      maxTokens: Number(parameters.get("max") ?? MAX_TOKENS),
    };
  }

  /** The adapter of the gateway's demonstration if it is there, else whatever is. */
  get #models() {
    const first = router.parameters.get("model") ?? this.known?.adapters.find((a) => a.version)?.name ?? this.known?.base ?? "";
    const second = router.parameters.get("with");
    return second ? [first, second] : [first];
  }

  render() {
    const { turns } = conversation;
    return html`
      <section class="ask ${this.#models.length > 1 ? "two" : ""}">
        <h1 class="unseen">${t("nav.ask")}</h1>
        ${this.#bar()} ${notice(this.failure)}
        ${turns.length === 0 ? this.#empty() : html`<ol class="turns">${turns.map((turn, i) => this.#turn(turn, i))}</ol>`}
        ${this.#composer()}
      </section>`;
  }

  #bar() {
    const [first, second] = this.#models;
    const { known } = this;
    return html`<div class="bar">
      ${modelSelect({ name: "model", label: t("ask.model"), value: first, known, onChange: (model) => router.set({ model }) })}
      ${
        second
          ? html`${modelSelect({ name: "with", label: t("ask.with"), value: second, known, onChange: (model) => router.set({ with: model }) })}
              <button class="quiet" aria-label=${t("ask.one")} title=${t("ask.one")} @click=${() => router.set({ with: null })}>${icon("close")}</button>`
          : html`<button @click=${() => router.set({ model: first, with: this.#other(first) })}>${icon("columns")}${t("ask.compare")}</button>`
      }
      <details class="settings">
        <summary>${t("ask.settings")}</summary>
        <div class="panel">${this.#form()}</div>
      </details>
      ${conversation.turns.length > 0 ? html`<button class="quiet end" @click=${() => conversation.clear()}>${t("ask.new")}</button>` : nothing}
    </div>`;
  }

  #other(first) {
    const { base, adapters } = this.known ?? { base: "", adapters: [] };
    return first === base ? (adapters.find(({ version }) => version)?.name ?? base) : base;
  }

  #form() {
    const { system, temperature, maxTokens } = this.#settings;
    const set = (name) => (event) => router.set({ [name]: event.target.value });
    return html`
      <label>${t("ask.system")}
        <textarea rows="3" .value=${system} placeholder=${t("ask.system.default")} @change=${set("system")}></textarea>
      </label>
      <label>${t("ask.temperature")} <output>${temperature}</output>
        <input type="range" min="0" max="2" step="0.1" .value=${String(temperature)} @input=${set("temperature")}>
      </label>
      <label>${t("ask.max")}
        <input type="number" min="1" max="32768" .value=${String(maxTokens)} @change=${set("max")}>
      </label>`;
  }

  #turn({ question, answers }, at) {
    const before = conversation.turns.slice(0, at);
    return html`<li class="turn">
      <div class="question"><p>${question}</p></div>
      <div class="answers">${answers.map((answer, column) => answerCard(answer, question, history(before, column)))}</div>
    </li>`;
  }

  #empty() {
    return html`<div class="empty">
      <h2>${t("ask.hello")}</h2>
      <p>${t("ask.about")}</p>
      <ul class="suggestions">
        ${["你是谁?", "你的开发者是哪家公司?", "你能联网吗?", "Who are you?"].map(
          (question) => html`<li><button lang=${/[a-z]/.test(question) ? "en" : "zh-CN"} @click=${() => this.#ask(question)}>${question}</button></li>`,
        )}
      </ul>
      <p class="tutorial"><a href=${href("tutorial")}>${t("tutorial.open")}</a> ${t("tutorial.what")}</p>
    </div>`;
  }

  #composer() {
    const { busy } = conversation;
    return html`<form class="composer" @submit=${this.#submit}>
      <textarea name="question" rows="1" aria-label=${t("ask.question")} placeholder=${t("ask.question")} @keydown=${this.#key} @input=${this.#grow}></textarea>
      ${
        busy
          ? html`<button type="button" class="round" aria-label=${t("ask.stop")} title=${t("ask.stop")} @click=${() => conversation.stop()}>${icon("stop")}</button>`
          : html`<button class="primary round" aria-label=${t("ask.send")} title=${t("ask.send")}>${icon("send")}</button>`
      }
    </form>`;
  }

  #grow({ target }) {
    target.rows = Math.min(8, target.value.split("\n").length);
  }

  /** Enter sends, unless it ends a word of an input method. */
  #key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
  }

  #submit(event) {
    event.preventDefault();
    const field = event.target.elements.question;
    if (field.value.trim() && !conversation.busy) {
      this.#ask(field.value.trim());
      field.value = "";
      field.rows = 1;
    }
  }

  async #ask(question) {
    if (!this.#models[0]) {
      await this.back();
    }
    if (!this.#models[0]) {
      return;
    }
    conversation.ask(question, this.#models, this.#settings);
    await this.updateComplete;
    this.querySelector(".turn:last-child")?.scrollIntoView({ block: "end" });
    this.querySelector(".composer textarea").focus();
  }
}

customElements.define("lk-ask", Ask);
