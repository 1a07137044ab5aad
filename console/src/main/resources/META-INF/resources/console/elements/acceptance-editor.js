// The questions that decide whether what was trained is served, edited in place.
import { html, nothing } from "lit";
import { t } from "../lib/i18n.js";
import { icon } from "../lib/icons.js";

const words = (text) =>
  text
    .split(/[,，、\n]/)
    .map((word) => word.trim())
    .filter(Boolean);

/** @param onChange takes the whole list */
export function acceptanceEditor(questions, onChange) {
  const set = (at, changes) => onChange(questions.map((question, i) => (i === at ? { ...question, ...changes } : question)));
  return html`
    ${
      questions.length === 0
        ? html`<p class="muted">${t("acceptance.none")}</p>`
        : html`<div class="questions">
            <div class="labels" aria-hidden="true"><span>${t("acceptance.question")}</span><span>${t("acceptance.must")}</span><span>${t("acceptance.mustNot")}</span></div>
            ${questions.map((question, at) => line(question, at, set, () => onChange(questions.filter((_, i) => i !== at))))}
          </div>`
    }
    <button type="button" @click=${() => onChange([...questions, { question: "", must_contain: [], must_not_contain: [] }])}>${icon("plus")}${t("acceptance.add")}</button>
    ${questions.length > 0 ? html`<small>${t("acceptance.words")}</small>` : nothing}`;
}

function line(question, at, set, remove) {
  const n = { n: at + 1 };
  return html`<div class="line" role="group" aria-label=${t("acceptance.nth", n)}>
    <input aria-label=${t("acceptance.question")} placeholder=${t("acceptance.question")} .value=${question.question} @change=${(e) => set(at, { question: e.target.value })}>
    <input aria-label=${t("acceptance.must")} placeholder=${t("acceptance.must")} .value=${(question.must_contain ?? []).join(", ")} @change=${(e) => set(at, { must_contain: words(e.target.value) })}>
    <input aria-label=${t("acceptance.mustNot")} placeholder=${t("acceptance.mustNot")} .value=${(question.must_not_contain ?? []).join(", ")} @change=${(e) => set(at, { must_not_contain: words(e.target.value) })}>
    <button type="button" class="quiet" aria-label=${t("acceptance.remove", n)} title=${t("acceptance.remove", n)} @click=${remove}>${icon("close")}</button>
  </div>`;
}
