// What a job would do, found out by a dry run: the tutorial's check list.
import { change } from "./api.js";
import { jobEvents } from "./events.js";

/** The report of a dry run; the reason is thrown if there is none. */
export async function check(command, signal) {
  const id = `check-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;
  await change("POST", "/v1/training/jobs", { ...command, job_id: id, dry_run: true });
  for await (const event of jobEvents(id, signal)) {
    if (event.type === "validated") {
      return event.report;
    }
    if (event.type === "failed") {
      throw new Error(event.reason);
    }
  }
  throw new DOMException("aborted", "AbortError");
}

/** Seconds that a run may take, from how fast the last one was on the same base; null if none is known. */
export function estimate(report, jobs) {
  const like = jobs?.find(({ outcome }) => outcome?.type === "succeeded" && outcome.summary?.train_runtime > 0);
  return like ? (report.supervised_tokens * like.outcome.summary.train_runtime) / like.outcome.summary.train_tokens : null;
}

/** The row that a report speaks of, from 1: rows:17, uploads/file-…jsonl:17. */
export function rowOf(place) {
  const number = /:(\d+)$/.exec(place ?? "");
  return number ? Number(number[1]) : null;
}
