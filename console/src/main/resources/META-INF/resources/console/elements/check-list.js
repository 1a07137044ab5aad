// What a dry run has found: the check list, the lengths of the rows, and what the run will take.
import { html, nothing, svg } from "lit";
import { rowOf } from "../lib/check.js";
import { bytes, number, seconds } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { fact } from "./status.js";

/** @param lineOf where a row of the report stands in what was pasted; null if it lies elsewhere */
export function checkList(report, { lineOf, maxLength, time }) {
  const { memory } = report;
  const total = memory.weights + memory.training + memory.activations;
  const tooLong = maxLength && report.dropped.some(({ tokens }) => tokens > maxLength);
  const other = report.warnings.filter((warning) => !/^\d+ rows dropped|teaches/.test(warning));
  const fits = memory.available === null || memory.available === undefined || total <= memory.available;
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label=${t("check.title")}><table class="checks"><tbody>
      ${item(report.rows > 0, t("check.rows"), t("check.rows.told", { n: number(report.rows) }))}
      ${item(report.rows_dropped === 0, t("check.dropped"), dropped(report, lineOf))}
      ${item(!tooLong, t("check.length"), t("check.length.told", { n: number(report.longest_row) }))}
      ${item(report.forbidden_words.length === 0, t("check.identity"), forbidden(report.forbidden_words, lineOf))}
      ${item(fits, t("check.memory"), t("check.memory.told", { total: bytes(total), available: bytes(memory.available) }))}
      ${other.map((warning) => item(null, t("check.warning"), html`<span lang="en">${warning}</span>`))}
    </tbody></table></div>
    ${histogram(report.token_histogram)}
    <dl class="facts">
      ${fact(t("check.steps"), number(report.max_steps))}
      ${fact(t("check.tokens"), number(report.tokens))}
      ${fact(t("check.time"), time === null ? "–" : t("check.about", { time: seconds(time) }))}
      ${fact(t("check.memory.short"), bytes(total))}
    </dl>`;
}

function item(good, name, told) {
  const tone = good === null ? "warn" : good ? "good" : "bad";
  return html`<tr><td><span class="badge ${tone}">${t(`check.${tone}`)}</span></td><th scope="row">${name}</th><td>${told}</td></tr>`;
}

function place(row, lineOf) {
  const line = lineOf(rowOf(row));
  return line ? t("data.line", { line }) : row;
}

function dropped({ dropped: rows, rows_dropped: count }, lineOf) {
  return count === 0
    ? t("check.dropped.none")
    : html`<ul class="plain">${rows.map(({ row, reason }) => html`<li><b>${place(row, lineOf)}</b> <span lang="en">${reason}</span></li>`)}</ul>
        ${count > rows.length ? t("check.more", { n: number(count - rows.length) }) : nothing}`;
}

function forbidden(words, lineOf) {
  return words.length === 0
    ? t("check.identity.told")
    : html`<ul class="plain">${words.map(({ word, row, answer }) => html`<li><b>${place(row, lineOf)}</b> <s>${word}</s>: ${answer}</li>`)}</ul>`;
}

/** Rows by their tokens. */
function histogram(buckets) {
  if (buckets.length === 0) {
    return nothing;
  }
  const most = Math.max(...buckets.map(({ rows }) => rows));
  const width = 100 / buckets.length;
  return html`<figure class="histogram">
    <figcaption>${t("check.histogram")}</figcaption>
    <svg viewBox="0 0 100 36" preserveAspectRatio="none" role="img" aria-label=${buckets.map(({ from, to, rows }) => `${from}–${to}: ${rows}`).join(", ")}>
      ${bars(buckets, width, most)}
    </svg>
    <div class="ends"><span>${number(buckets[0].from)}</span><span>${number(buckets.at(-1).to)}</span></div>
  </figure>`;
}

function bars(buckets, width, most) {
  return buckets.map(({ from, to, rows }, i) => {
    const height = (34 * rows) / most;
    return svg`<rect x=${i * width + width * 0.08} y=${36 - height} width=${width * 0.84} height=${height}><title>${from}–${to}: ${rows}</title></rect>`;
  });
}
