// A version that answers a share of an adapter's requests until it is promoted or taken back.
import { html, nothing } from "lit";
import { figure, moment, number } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { answers } from "./status.js";

const percent = (share) => `${number(share * 100, 1)} %`;

/** @param actions share(of), promoteCanary(), endCanary() */
export function canaryCard({ version, canary, decision }, actions) {
  if (!canary) {
    return decision ? decided(decision) : nothing;
  }
  const { share = 0, acceptance, verdict } = canary;
  return html`<section class="card canary">
    <h2>${t("version.canary")} <code>${canary.version}</code></h2>
    <label class="inline">${t("canary.share")} <output>${percent(share)}</output>
      <input type="range" min="0.05" max="1" step="0.05" .value=${String(share)} @change=${(event) => actions.share(Number(event.target.value))}>
    </label>
    ${canary.canary && canary.stable ? figures(version, canary) : nothing}
    ${acceptance ? html`<p>${t("canary.accepted", acceptance)}</p>${acceptance.failed.length > 0 ? answers(acceptance.failed) : nothing}` : nothing}
    ${verdict ? html`<p class="verdict">${verdict}</p>` : nothing}
    <div class="actions">
      <button class="primary" @click=${() => actions.promoteCanary()}>${t("canary.promote")}</button>
      <button @click=${() => actions.endCanary()}>${t("canary.end")}</button>
    </div>
  </section>`;
}

/** What came of its requests, beside those of the stable version. */
function figures(stable, canary) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${t("canary.seen")}><table class="rows">
    <caption>${t("canary.since", { time: moment(canary.since) })}</caption>
    <thead><tr><th>${t("adapters.version")}</th><th class="n">${t("canary.requests")}</th><th class="n">${t("canary.failed")}</th><th class="n">${t("canary.median")}</th></tr></thead>
    <tbody>${row(canary.version, canary.canary)}${row(stable, canary.stable)}</tbody>
  </table></div>`;
}

function row(version, { requests, failed, error_rate: rate, median_seconds: median }) {
  return html`<tr>
    <td><code>${version}</code></td><td class="n">${number(requests)}</td>
    <td class="n">${number(failed)} (${percent(rate)})</td><td class="n">${figure(median)}</td>
  </tr>`;
}

/** What became of the last one, and why. */
function decided({ kind, version, reason }) {
  return kind === "promoted" || kind === "rolled_back"
    ? html`<p class="decided"><span class="badge ${kind === "promoted" ? "good" : ""}">${t(`canary.${kind}`)}</span> <code>${version}</code> ${reason}</p>`
    : nothing;
}
