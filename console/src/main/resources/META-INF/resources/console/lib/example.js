// The example of the tutorial: a job whose rows travel with it, since a trainer's data root need not have its files.
import { send } from "./api.js";

const ROOT = "/console/example/";
const JOB = "examples/self_cognition/job.json";

/** The example's training command under an id of its own. */
export async function exampleJob() {
  const { dataset, ...job } = await (await send(ROOT + JOB)).json();
  const parts = await Promise.all(dataset.map(rows));
  return { ...job, job_id: `tutorial-${Date.now().toString(36)}`, rows: parts.flat() };
}

/** Its own rows: about who the model is. */
export function exampleRows() {
  return rows("examples/self_cognition/self_cognition.json");
}

/** Rows of path#N: N of them, from all over the file. */
async function rows(path) {
  const [file, count] = path.split("#");
  const text = await (await send(ROOT + file)).text();
  const all = file.endsWith(".jsonl") ? text.split("\n").filter((line) => line.trim()).map((line) => JSON.parse(line)) : JSON.parse(text);
  const wanted = Math.min(all.length, Number(count ?? all.length));
  return Array.from({ length: wanted }, (_, i) => all[Math.floor((i * all.length) / wanted)]);
}
