// How rows get to the trainers: with the command, or, where they are too many for one, as a file of conversations.
import { send } from "./api.js";

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
  const lines = rows.map((row) => JSON.stringify(conversations ? row : conversation(row))).join("\n");
  const body = new FormData();
  body.set("purpose", "fine-tune");
  body.set("file", new Blob([lines]), name || "rows.jsonl");
  const { id } = await (await send("/v1/files", { method: "POST", body })).json();
  return { dataset: [`uploads/${id}.jsonl`] };
}

/** A row of a question and an answer as the file route takes it. */
function conversation(row) {
  if (Array.isArray(row.messages)) {
    return { messages: row.messages };
  }
  const question = [row.instruction ?? row.query ?? row.prompt, row.input].filter(Boolean).join("\n");
  const answer = row.output ?? row.response ?? row.answer ?? row.completion;
  const system = row.system ? [{ role: "system", content: row.system }] : [];
  return { messages: [...system, { role: "user", content: question }, { role: "assistant", content: answer }] };
}
