// The rows of a job: pasted, uploaded, or named as they lie at the trainers.
import { html, nothing } from "lit";
import { number } from "../lib/format.js";
import { t } from "../lib/i18n.js";

const PREVIEW = 3;
const PROBLEMS = 20;

/** @param view has onText(text, name), onFiles(text), onExample(), onLeaveOut(checked), and what is shown */
export function dataEditor(view, { text, name, files, parsed, leaveOut, long }) {
  return html`
    <div class="bar">
      <label class="button upload">${t("data.upload")}<input class="unseen" type="file" accept=".json,.jsonl,.ndjson,.csv" @change=${(event) => read(event, view)}></label>
      <button type="button" @click=${() => view.onExample()}>${t("data.example")}</button>
      ${text ? html`<button type="button" class="quiet" @click=${() => view.onText("", "")}>${t("data.clear")}</button>` : nothing}
      <span class="muted end">${name ? html`<code>${name}</code> ` : nothing}${t("data.rows", { n: number(parsed.rows.length) })}</span>
    </div>
    ${
      long
        ? html`<p class="muted">${t("data.long")}</p>`
        : html`<label>${t("data.paste")}
            <textarea class="code" rows="9" spellcheck="false" name="rows" placeholder=${'{"instruction": "你是谁?", "input": "", "output": "我是……"}'}
              .value=${text} @change=${(event) => view.onText(event.target.value, name)}></textarea>
          </label>`
    }
    ${problems(parsed.problems, leaveOut, view)} ${preview(parsed.rows)}
    <label>${t("data.files")}
      <textarea class="code" rows="2" spellcheck="false" name="files" placeholder="examples/self_cognition/self_cognition.json#500" .value=${files}
        @change=${(event) => view.onFiles(event.target.value)}></textarea>
    </label>`;
}

async function read({ target }, view) {
  const [file] = target.files;
  if (file) {
    view.onText(await file.text(), file.name);
  }
  target.value = "";
}

function problems(list, leaveOut, view) {
  return list.length === 0
    ? nothing
    : html`<div class="notice bad" role="alert">
        <strong>${t("data.problems", { n: list.length })}</strong>
        <ul class="plain">${list.slice(0, PROBLEMS).map(
          ({ line, words }) => html`<li><button type="button" class="link" @click=${() => view.onLine(line)}>${t("data.line", { line })}</button> <span lang="en">${words}</span></li>`,
        )}</ul>
        <label class="inline"><input type="checkbox" .checked=${leaveOut} @change=${(event) => view.onLeaveOut(event.target.checked)}>${t("data.leaveOut")}</label>
      </div>`;
}

function preview(rows) {
  if (rows.length === 0) {
    return nothing;
  }
  const names = [...new Set(rows.slice(0, PREVIEW).flatMap(Object.keys))].slice(0, 4);
  const cell = (value) => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${t("data.preview")}><table class="preview">
    <thead><tr>${names.map((name) => html`<th>${name}</th>`)}</tr></thead>
    <tbody>${rows.slice(0, PREVIEW).map((row) => html`<tr>${names.map((name) => html`<td>${cell(row[name]).slice(0, 120)}</td>`)}</tr>`)}</tbody>
  </table></div>`;
}
