// Rows as they are pasted or uploaded: a JSON list, a JSON object a line, or CSV with a line of names. What a row has to have
// is the trainer's to say; here stands only what no row can be read from, and where.
import { t } from "./i18n.js";

/** @returns {rows, lines, problems}: each row's line in the text, and [{line, words}] of what is no row */
export function parseRows(text, name = "") {
  const begin = text.trimStart()[0];
  if (begin === undefined) {
    return { rows: [], lines: [], problems: [] };
  }
  if (begin === "[") {
    return jsonList(text);
  }
  return begin === "{" && !name.endsWith(".csv") ? jsonLines(text) : csv(text);
}

function jsonList(text) {
  try {
    const rows = JSON.parse(text);
    return checked(rows, rows.map((_, i) => i + 1));
  } catch (e) {
    return { rows: [], lines: [], problems: [{ line: lineOf(text, e), words: e.message }] };
  }
}

function jsonLines(text) {
  const rows = [];
  const lines = [];
  const problems = [];
  text.split("\n").forEach((line, i) => {
    if (line.trim()) {
      try {
        rows.push(JSON.parse(line));
        lines.push(i + 1);
      } catch (e) {
        problems.push({ line: i + 1, words: e.message });
      }
    }
  });
  const rest = checked(rows, lines);
  return { ...rest, problems: [...problems, ...rest.problems].sort((a, b) => a.line - b.line) };
}

/** Rows are objects. */
function checked(rows, lines) {
  const isRow = (row) => row !== null && typeof row === "object" && !Array.isArray(row);
  return {
    rows: rows.filter(isRow),
    lines: lines.filter((_, i) => isRow(rows[i])),
    problems: lines.filter((_, i) => !isRow(rows[i])).map((line) => ({ line, words: t("rows.noObject") })),
  };
}

/** Where in a text JSON.parse has stopped: browsers say it as a line or as a position. */
function lineOf(text, { message }) {
  const line = /line (\d+)/.exec(message);
  const position = /position (\d+)/.exec(message);
  if (line) {
    return Number(line[1]);
  }
  return (position ? text.slice(0, Number(position[1])) : text.trimEnd()).split("\n").length;
}

function csv(text) {
  const [head, ...records] = csvRecords(text.replace(/^\uFEFF/, ""));
  const good = records.filter(({ fields }) => fields.length === head.fields.length);
  return {
    rows: good.map(({ fields }) => Object.fromEntries(head.fields.map((name, i) => [name.trim(), fields[i]]))),
    lines: good.map(({ line }) => line),
    problems: records
      .filter((record) => !good.includes(record))
      .map(({ line, fields }) => ({ line, words: t("rows.fields", { n: fields.length, wanted: head.fields.join(", ") }) })),
  };
}

/** RFC 4180: fields may stand in quotes, and go over lines there. */
function csvRecords(text) {
  const records = [];
  let fields = [];
  let line = 1;
  let begun = 1;
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/g)) {
    const field = quoted === undefined ? plain : quoted.replaceAll('""', '"');
    fields.push(field);
    line += field.split("\n").length - 1;
    if (end === ",") {
      continue;
    }
    if (fields.length > 1 || fields[0] !== "") {
      records.push({ line: begun, fields });
    }
    fields = [];
    line += end ? 1 : 0;
    begun = line;
    if (!end) {
      break;
    }
  }
  return records;
}
