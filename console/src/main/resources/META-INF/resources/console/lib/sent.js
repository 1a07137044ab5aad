// The commands that this browser has sent, for whoever wants to train again with changes: the gateway does not show them.
const KEY = "lorikeet.sent";
const KEPT = 10;

export function remember(command) {
  const kept = [command, ...all().filter(({ job_id: id }) => id !== command.job_id)].slice(0, KEPT);
  while (kept.length > 0) {
    try {
      localStorage.setItem(KEY, JSON.stringify(kept));
      return;
    } catch {
      // more than a browser may keep
      kept.pop();
    }
  }
}

/** A job as a draft: from its command if that was sent from here, else from what its events say. */
export function draftOf(job) {
  const command = all().find(({ job_id: id }) => id === job.job_id);
  if (!command) {
    const files = (job.started?.dataset ?? []).map(({ path }) => path);
    const asked = (job.acceptance?.answers ?? []).map(({ question, must_contain, must_not_contain }) => ({ question, must_contain, must_not_contain }));
    return { adapter: job.adapter, rows: "", files: files.join("\n"), acceptance: asked, settings: {}, promote: "if_accepted", partly: true };
  }
  const { type: _, job_id: __, adapter, rows = [], dataset = [], acceptance = [], promote = "if_accepted", ...settings } = command;
  return {
    adapter,
    rows: rows.map((row) => JSON.stringify(row)).join("\n"),
    name: "",
    files: dataset.join("\n"),
    acceptance,
    promote,
    settings: Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)])),
    partly: false,
  };
}

function all() {
  return JSON.parse(localStorage.getItem(KEY) ?? "[]");
}
