// A version that answers a share of an adapter's requests until it is promoted or taken back.
import { html, nothing } from "lit";
import { number } from "../lib/format.js";
import { t } from "../lib/i18n.js";

const percent = (share) => `${number(share * 100, 1)} %`;

/** @param actions share(of), promoteCanary(), endCanary() */
export function canaryCard({ canary }, actions) {
  if (!canary) {
    return nothing;
  }
  const share = canary.share ?? 0;
  return html`<section class="card canary">
    <h2>${t("version.canary")} <code>${canary.version}</code></h2>
    <label class="inline">${t("canary.share")} <output>${percent(share)}</output>
      <input type="range" min="0" max="1" step="0.05" .value=${String(share)} @change=${(event) => actions.share(Number(event.target.value))}>
    </label>
    <div class="actions">
      <button class="primary" @click=${() => actions.promoteCanary()}>${t("canary.promote")}</button>
      <button @click=${() => actions.endCanary()}>${t("canary.end")}</button>
    </div>
  </section>`;
}
