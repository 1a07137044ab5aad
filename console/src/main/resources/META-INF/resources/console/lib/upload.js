// How rows get to the trainers: with the command, or, where they are too many for one, as a file of conversations.
import { send } from "./api.js";
import { t } from "./i18n.js";

/** What a command may be long, with room for what else is in it. */
const MOST_CHARACTERS = 600_000;

/** What of a training command says where its rows are; uploads them if they have to be. */
export async function placed(rows, name) {
  if (rows.length === 0) {
    return {};
  }
  const conversations = rows.every(({ messages }) => Array.isArray(messages));
  if (!(conversations && name) && new Blob([JSON.stringify(rows)]).size < MOST_CHARACTERS) {
    return { rows };
  }
  const lines = rows.map((row) => JSON.stringify(conversation(row))).join("\n");
  const body = new FormData();
  body.set("purpose", "fine-tune");
  body.set("file", new Blob([lines]), name || "rows.jsonl");
  const { id } = await (await send("/v1/files", { method: "POST", body })).json();
  return { dataset: [`uploads/${id}.jsonl`] };
}

const QUESTIONS = ["instruction", "query", "question", "prompt"];
const ANSWERS = ["output", "response", "answer", "completion"];
const BESIDE = ["input", "system"];

/** A row of a question and an answer as the file route takes it. One of which something would be lost is refused. */
export function conversation(row) {
  if (Array.isArray(row.messages)) {
    return row;
  }
  const named = (names) => names.filter((name) => name in row);
  const [[question, ...questions], [answer, ...answers]] = [named(QUESTIONS), named(ANSWERS)];
  const known = [...QUESTIONS, ...ANSWERS, ...BESIDE];
  const plain = Object.entries(row).every(([name, value]) => known.includes(name) && typeof value === "string");
  if (!plain || !question || !answer || questions.length + answers.length > 0) {
    throw new Error(t("rows.tooMany"));
  }
  const system = "system" in row ? [{ role: "system", content: row.system }] : [];
  const asked = [row[question], row.input].filter(Boolean).join("\n");
  return { messages: [...system, { role: "user", content: asked }, { role: "assistant", content: row[answer] }] };
}
