// Words in the chosen language.
import en from "../i18n/en.js";
import zh from "../i18n/zh.js";
import { prefs } from "./prefs.js";

const dictionaries = { en, "zh-CN": zh };

/** The text of a key, with {name} replaced by values.name; an array's entry for plurals: [one, many] by values.n. */
export function t(key, values = {}) {
  let text = dictionaries[prefs.language][key] ?? en[key] ?? key;
  if (Array.isArray(text)) {
    text = values.n === 1 ? text[0] : text[1];
  }
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}
