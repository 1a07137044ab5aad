// An adapter's versions, the newest first, with what each was trained to and what can be done with it.
import { html, nothing } from "lit";
import { figure, moment, number } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { address } from "../lib/models.js";
import { href } from "../lib/router.js";
import { answers, passed } from "./status.js";

const COLUMNS = 8;
const TONES = { stable: "good", canary: "live" };
const FIRST_SHARE = 0.05;

/** @param actions serve(version, state), canary(version, share), download(version), erase(version) */
export function versionTable(adapter, actions) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${t("adapters.history")}><table class="rows">
    <thead><tr>
      <th>${t("adapters.version")}</th><th>${t("adapters.state")}</th><th>${t("acceptance.title")}</th>
      <th class="n">${t("jobs.loss")}</th><th class="n">${t("jobs.rows")}</th><th class="n">r</th><th class="n">${t("adapters.made")}</th>
      <th><span class="unseen">${t("adapters.actions")}</span></th>
    </tr></thead>
    <tbody>${adapter.versions.map((version) => rows(adapter, version, actions))}</tbody>
  </table></div>`;
}

/** What has become of a version. */
function state(adapter, { state: said, checkpoint, promoted }) {
  return said ?? (checkpoint.version === adapter.version ? "stable" : promoted ? "superseded" : "not_promoted");
}

function rows(adapter, version, actions) {
  const { checkpoint } = version;
  const { training, acceptance } = checkpoint;
  const now = state(adapter, version);
  return html`<tr>
      <td><code>${checkpoint.version}</code></td>
      <td><span class="badge ${TONES[now] ?? ""}">${t(`version.${now}`)}</span></td>
      <td>${passed(acceptance)}</td>
      <td class="n">${figure(training?.train_loss)}</td>
      <td class="n">${number(training?.rows)}</td>
      <td class="n">${number(checkpoint.r)}</td>
      <td class="n">${moment(version.time ?? checkpoint.time)}</td>
      <td class="n"><div class="actions">
        <a class="button" href=${href("ask", null, { model: address(adapter.name, checkpoint.version) })}>${t("jobs.ask")}</a>
        ${now === "stable" ? nothing : html`<button @click=${() => actions.serve(version, now)}>${t(now === "superseded" ? "adapters.rollback" : "adapters.promote")}</button>`}
      </div></td>
    </tr>
    <tr class="more"><td colspan=${COLUMNS}>
      <details>
        <summary>${t("adapters.more")}</summary>
        ${acceptance.length > 0 ? answers(acceptance) : nothing}
        <p>${about(checkpoint)}</p>
        ${uses(adapter, version, now, actions)}
      </details>
    </td></tr>`;
}

function about({ base_model: base, target_modules: modules, lora_alpha: alpha, uri }) {
  return html`<small>${t("adapters.on", { base: base.id })} · lora_alpha ${figure(alpha)} · ${modules.join(", ")} · <code>${uri}</code></small>`;
}

function uses(adapter, version, now, actions) {
  const other = now !== "stable" && now !== "canary";
  return html`<div class="actions">
    <button @click=${() => actions.download(version)}>${t("adapters.download")}</button>
    ${other && adapter.version ? html`<button @click=${() => actions.canary(version, FIRST_SHARE)}>${t("canary.begin", { share: "5 %" })}</button>` : nothing}
    ${other ? html`<button class="danger" @click=${() => actions.erase(version)}>${t("adapters.remove")}</button>` : nothing}
  </div>`;
}
