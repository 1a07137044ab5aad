// What a training setting means: in English as the schema says it, in Chinese from here.
import { prefs } from "../lib/prefs.js";
import { zh } from "./settings-zh.js";

export function about({ name, about: english }) {
  return prefs.language === "zh-CN" ? (zh[name] ?? english) : english;
}
