// The training command's settings, as its JSON Schema says them.
import { get } from "./api.js";

/** What the form has a place of its own for, or what a job of the page never has. */
const ELSEWHERE = new Set(
  "type schema_version job_id adapter model dataset rows acceptance promote resume_from_checkpoint dry_run tuner_type columns".split(" "),
);

/** What most jobs change. */
const USUAL = "num_train_epochs learning_rate lora_rank lora_alpha max_length gradient_accumulation_steps split_dataset_ratio system".split(" ");

/** Settings as {name, about, type, values, standard}: those of most jobs, and the others. */
export async function settings() {
  const { properties } = (await get("/schemas/training-command.json")).$defs.train;
  const all = Object.entries(properties)
    .filter(([name]) => !ELSEWHERE.has(name))
    .map(([name, schema]) => setting(name, schema));
  const usual = USUAL.map((name) => all.find((one) => one.name === name)).filter(Boolean);
  return { usual, others: all.filter((one) => !usual.includes(one)) };
}

function setting(name, { type, enum: values, anyOf, description, default: standard }) {
  const types = [type].flat().filter((one) => one && one !== "null");
  return {
    name,
    about: description,
    type: values ? "choice" : anyOf || types[0] === "array" ? "list" : (types[0] ?? "string"),
    values: values?.filter((value) => value !== null),
    standard,
  };
}

/** A field's text as the setting's value. */
export function value({ type, values }, text) {
  switch (type) {
    case "choice":
      return values.find((one) => String(one) === text);
    case "boolean":
      return text === "true";
    case "integer":
    case "number":
      return Number(text);
    case "list": {
      const parts = text.split(/[,\s]+/).filter(Boolean);
      return parts.length === 1 && parts[0] === "all-linear" ? parts[0] : parts;
    }
    default:
      return text;
  }
}
