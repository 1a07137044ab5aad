// What each replica says that it serves of an adapter at this moment.
import { html, nothing } from "lit";
import { moment } from "../lib/format.js";
import { t } from "../lib/i18n.js";

export function replicaTable({ version: wanted, replicas }) {
  return replicas.length === 0
    ? html`<p class="muted">${t("replicas.none")}</p>`
    : html`<div class="scroll" tabindex="0" role="region" aria-label=${t("overview.replicas")}><table class="rows">
        <thead><tr><th>${t("replicas.replica")}</th><th>${t("replicas.serves")}</th><th class="n">${t("replicas.said")}</th></tr></thead>
        <tbody>${replicas.map(
          ({ replica, version, refused, time }) => html`<tr>
            <td><code>${replica}</code></td>
            <td>
              ${version ? html`<code>${version}</code> <span class="badge ${version === wanted ? "good" : "warn"}">${t(version === wanted ? "replicas.current" : "replicas.other")}</span>` : html`<span class="muted">–</span>`}
              ${refused ? html`<p class="note bad">${t("replicas.refused", { version: refused.version ?? "" })} <span lang="en">${refused.detail ?? refused.reason}</span></p>` : nothing}
            </td>
            <td class="n">${moment(time)}</td>
          </tr>`,
        )}</tbody>
      </table></div>`;
}
