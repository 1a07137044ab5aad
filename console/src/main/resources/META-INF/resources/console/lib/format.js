// Numbers and times for people.
import { t } from "./i18n.js";
import { prefs } from "./prefs.js";

export function number(value, digits = 0) {
  return value === null || value === undefined || Number.isNaN(value)
    ? "–"
    : value.toLocaleString(prefs.language, { maximumFractionDigits: digits });
}

/** A quantity of which the first digits count: 0.0123, 1.5e-5. */
export function figure(value, digits = 3) {
  if (value === null || value === undefined || Number.isNaN(value)) {
    return "–";
  }
  if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e5)) {
    return value.toExponential(Math.max(0, digits - 2)).replace("e+", "e");
  }
  return String(Number(value.toPrecision(digits)));
}

export function bytes(value) {
  if (value === null || value === undefined) {
    return "–";
  }
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export function seconds(value) {
  if (value === null || value === undefined || Number.isNaN(value)) {
    return "–";
  }
  if (value < 9.95) {
    return t("time.s", { s: value.toFixed(1) });
  }
  const whole = Math.round(value);
  if (whole < 60) {
    return t("time.s", { s: whole });
  }
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? t("time.ms", { m: minutes, s: whole % 60 })
    : t("time.hm", { h: Math.floor(minutes / 60), m: minutes % 60 });
}

/** A moment: the time of day, with the date if it is another day's. */
export function moment(iso) {
  if (!iso) {
    return "–";
  }
  const date = new Date(iso);
  const time = date.toLocaleTimeString(prefs.language, { hour12: false });
  return date.toDateString() === new Date().toDateString()
    ? time
    : `${date.toLocaleDateString(prefs.language, { month: "short", day: "numeric" })} ${time}`;
}
