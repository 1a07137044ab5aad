// A choice of who is asked: the base, an adapter, or one of an adapter's versions.
import { html, nothing } from "lit";
import { t } from "../lib/i18n.js";
import { address } from "../lib/models.js";

const SHOWN = 20;

/** @param known of lib/models, or null while it is not known */
export function modelSelect({ name, label, value, known, onChange }) {
  const found = known && [known.base, ...known.adapters.flatMap((a) => [a.name, ...versions(a)])].includes(value);
  return html`<label class="inline">${label}
    <select name=${name} .value=${value} @change=${(event) => onChange(event.target.value)}>
      ${value && !found ? html`<option value=${value} selected>${value}</option>` : nothing}
      ${known ? html`<option value=${known.base} ?selected=${value === known.base}>${known.base} (${t("ask.base")})</option>` : nothing}
      ${known?.adapters.map((adapter) => group(adapter, value))}
    </select>
  </label>`;
}

function versions({ name, versions }) {
  return versions.map(({ checkpoint }) => address(name, checkpoint.version));
}

function group(adapter, value) {
  const { name, version } = adapter;
  return html`<optgroup label=${name}>
    ${version ? html`<option value=${name} ?selected=${value === name}>${name}</option>` : nothing}
    ${adapter.versions.slice(0, SHOWN).map(({ checkpoint }) => {
      const one = address(name, checkpoint.version);
      return html`<option value=${one} ?selected=${value === one}>${name} · ${checkpoint.version}</option>`;
    })}
  </optgroup>`;
}
