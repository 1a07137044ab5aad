// An answer with who gave it and how fast, and what can be made of it.
import { html, nothing } from "lit";
import { draft } from "../lib/draft.js";
import { number, seconds } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { href } from "../lib/router.js";
import { say } from "./toast.js";

/** @param turns the conversation up to it */
export function answerCard(answer, question, earlier) {
  return html`
    <article class="answer ${answer.state}" aria-busy=${String(!answer.ended)}>
      <div class="text">${answer.text}${answer.ended ? nothing : html`<span class="caret"></span>`}</div>
      ${state(answer)}
      <footer>
        <span class="who">${who(answer)}</span>
        ${answer.usage && answer.ended ? figures(answer) : nothing}
        ${answer.ended && answer.text ? uses(answer, question, earlier) : nothing}
      </footer>
    </article>`;
}

function who({ adapter, version, model, text }) {
  if (!adapter) {
    return text ? html`<b>${model}</b> <span class="muted">${t("ask.base")}</span>` : html`<b>${model}</b>`;
  }
  return html`<a href=${href("adapters", adapter)}><b>${adapter}</b></a> <code>${version}</code>`;
}

function figures({ usage, firstToken, tokensPerSecond, finish }) {
  return html`<span class="figures">
    <span title=${t("ask.first.about")}>${t("ask.first", { ms: number((firstToken ?? 0) * 1000) })}</span>
    ${tokensPerSecond ? html`<span>${t("ask.speed", { speed: number(tokensPerSecond, 1) })}</span>` : nothing}
    <span>${t("ask.tokens", { n: usage.completion_tokens })}</span>
    ${finish === "length" ? html`<span class="warn">${t("ask.length")}</span>` : nothing}
  </span>`;
}

function state(answer) {
  switch (answer.state) {
    case "lost":
      return html`<p class="note warn" role="status">${t("ask.lost", { why: answer.error })}</p>`;
    case "failed":
      return html`<p class="note bad" role="alert"><span lang="en">${answer.error}</span></p>`;
    case "stopped":
      return html`<p class="note muted">${t("ask.stopped", { s: seconds(answer.seconds) })}</p>`;
    default:
      return nothing;
  }
}

function uses(answer, question, earlier) {
  return html`<span class="uses">${t("ask.use")}
    <button class="link" @click=${() => asQuestion(question)}>${t("ask.asQuestion")}</button>
    <button class="link" @click=${() => asRow(answer, question, earlier)}>${t("ask.asRow")}</button>
  </span>`;
}

function asQuestion(question) {
  draft.addQuestion(question);
  say(t("ask.questionAdded"), { href: href("train"), text: t("ask.toDraft") });
}

function asRow(answer, question, earlier) {
  const row =
    earlier.length > 0
      ? { messages: [...earlier, { role: "user", content: question }, { role: "assistant", content: answer.text }] }
      : { instruction: question, input: "", output: answer.text };
  draft.addRow(row);
  say(t("ask.rowAdded"), { href: href("train"), text: t("ask.toDraft") });
}
