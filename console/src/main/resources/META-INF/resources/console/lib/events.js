// Server-sent events read with fetch: an EventSource can send no key.
import { ConnectionError, send } from "./api.js";
import { connection } from "./connection.js";

/** The events of an answer, as {event, id, data}. */
export async function* events(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let pending = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) {
        return;
      }
      const parts = (pending + value).split(/\r?\n\r?\n/);
      pending = parts.pop();
      for (const part of parts.filter((text) => text.trim())) {
        yield parse(part);
      }
    }
  } catch (e) {
    throw e.name === "AbortError" ? e : new ConnectionError(e.message);
  } finally {
    reader.cancel().catch(() => {});
  }
}

function parse(text) {
  const event = { event: "message", id: null, data: "" };
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") {
      event.data += (event.data ? "\n" : "") + value;
    } else if (field === "event" || field === "id") {
      event[field] = value;
    }
  }
  return event;
}

const LAST = new Set(["succeeded", "failed", "cancelled", "validated"]);
const LONGEST_WAIT = 5000;

/** A job's events from the first to the last. A connection that is lost is made again, behind the event that came last. */
export async function* jobEvents(id, signal, onConnection = () => {}) {
  let last = null;
  let wait = 250;
  for (;;) {
    try {
      const headers = last ? { "last-event-id": last } : {};
      const answer = await send(`/v1/training/jobs/${encodeURIComponent(id)}/events`, { headers, signal });
      onConnection(true);
      for await (const { event, id: at, data } of events(answer)) {
        if (event === "error") {
          throw new ConnectionError(data);
        }
        wait = 250;
        last = at ?? last;
        yield JSON.parse(data);
        if (LAST.has(JSON.parse(data).type)) {
          return;
        }
      }
    } catch (e) {
      if (!(e instanceof ConnectionError) && !(e.status >= 500)) {
        throw e;
      }
      onConnection(false);
    }
    if (signal.aborted) {
      return;
    }
    await new Promise((resolve) => {
      setTimeout(resolve, wait);
      connection.addEventListener("back", resolve, { once: true });
    });
    wait = Math.min(LONGEST_WAIT, wait * 2);
  }
}
