// Small things that several views show.
import { html } from "lit";
import { number } from "../lib/format.js";
import { t } from "../lib/i18n.js";

const TONES = { succeeded: "good", validated: "good", failed: "bad", running: "live", queued: "", cancelled: "" };

/** A job's status. */
export function status(name) {
  return html`<span class="badge ${TONES[name] ?? ""}">${t(`status.${name}`)}</span>`;
}

/** How far something is. */
export function progress(share, label) {
  return html`<progress max="1" .value=${share} aria-label=${label}></progress>`;
}

/** A figure under its name. */
export function fact(name, value, about) {
  return html`<div class="fact"><dt>${name}</dt><dd>${value}${about ? html` <small>${about}</small>` : ""}</dd></div>`;
}

/** Acceptance answers, each with what it had to say. */
export function answers(list) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${t("acceptance.title")}><table class="answers">
    <thead><tr><th>${t("acceptance.question")}</th><th>${t("acceptance.answer")}</th><th>${t("acceptance.rule")}</th><th>${t("acceptance.passed")}</th></tr></thead>
    <tbody>${list.map(
      (answer) => html`<tr>
        <td>${answer.question}</td>
        <td>${answer.answer}</td>
        <td>${rule(answer)}</td>
        <td><span class="badge ${answer.passed ? "good" : "bad"}">${t(answer.passed ? "yes" : "no")}</span></td>
      </tr>`,
    )}</tbody>
  </table></div>`;
}

/** What an answer must and must not contain. */
export function rule({ must_contain: must = [], must_not_contain: mustNot = [] }) {
  return html`${must.map((word) => html`<span class="word">${word}</span> `)}
  ${mustNot.map((word) => html`<span class="word not"><span class="unseen">${t("acceptance.not")} </span><s>${word}</s></span> `)}`;
}

/** "3 of 3". */
export function passed(list) {
  const good = list.filter((answer) => answer.passed).length;
  return list.length === 0
    ? html`<span class="muted">–</span>`
    : html`<span class="badge ${good === list.length ? "good" : "bad"}">${t("acceptance.of", { good: number(good), all: number(list.length) })}</span>`;
}
