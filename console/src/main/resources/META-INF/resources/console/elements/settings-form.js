// A form of settings, each with its meaning and its default; what is left empty keeps the default.
import { html, nothing } from "lit";
import { about } from "../i18n/settings.js";
import { t } from "../lib/i18n.js";

/** @param onSet takes a setting's name and the field's text */
export function settingsForm({ usual, others }, given, onSet) {
  const changed = others.filter(({ name }) => name in given).length;
  return html`
    <div class="settings-grid">${usual.map((setting) => field(setting, given[setting.name], onSet))}</div>
    <details class="all-settings">
      <summary>${t("settings.all", { n: others.length })}${changed ? html` <span class="badge live">${t("settings.changed", { n: changed })}</span>` : nothing}</summary>
      <div class="settings-grid">${others.map((setting) => field(setting, given[setting.name], onSet))}</div>
    </details>`;
}

function field(setting, given, onSet) {
  const { name } = setting;
  const id = `setting-${name}`;
  return html`<div class="setting">
    <label for=${id}><code>${name}</code></label>
    ${input(setting, id, given ?? "", (event) => onSet(name, event.target.value))}
    <small id="${id}-about">${about(setting)}</small>
  </div>`;
}

function input({ type, values, standard }, id, given, change) {
  const usual = standard === undefined || standard === null ? "" : String(standard);
  const choices = type === "boolean" ? [true, false] : values;
  if (choices) {
    return html`<select id=${id} aria-describedby="${id}-about" .value=${String(given)} @change=${change}>
      <option value="">${t("settings.default", { value: usual || t("settings.auto") })}</option>
      ${choices.map((value) => html`<option value=${String(value)} ?selected=${String(value) === String(given)}>${String(value)}</option>`)}
    </select>`;
  }
  const mode = type === "integer" ? "numeric" : type === "number" ? "decimal" : "text";
  return html`<input id=${id} aria-describedby="${id}-about" inputmode=${mode} autocomplete="off" spellcheck="false"
    placeholder=${usual || t("settings.auto")} .value=${String(given)} @change=${change}>`;
}
