// The gateway's public API, asked with the key of this tab.
import { connection } from "./connection.js";
import { prefs } from "./prefs.js";

/** What the gateway answers instead of what was asked for. */
export class ApiError extends Error {
  constructor(status, message, retryAfter) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** The gateway cannot be reached, or has gone away in the middle of its answer. */
export class ConnectionError extends Error {}

/** Sends a request; what is no success is thrown. */
export async function send(path, { method = "GET", json, body, headers = {}, signal } = {}) {
  const all = { ...headers };
  if (prefs.key) {
    all.authorization = `Bearer ${prefs.key}`;
  }
  if (method !== "GET" && body === undefined) {
    all["content-type"] = "application/json";
  }
  const answer = await fetch(path, {
    method,
    headers: all,
    body: json === undefined ? body : JSON.stringify(json),
    signal,
  }).catch((e) => {
    if (e.name === "AbortError") {
      throw e;
    }
    connection.failed();
    throw new ConnectionError(e.message);
  });
  connection.reached();
  if (!answer.ok) {
    throw await refusal(answer);
  }
  return answer;
}

async function refusal(answer) {
  const text = await answer.text().catch(() => "");
  let words = text;
  try {
    const told = JSON.parse(text);
    words = told.error?.message ?? told.detail ?? told.title ?? text;
  } catch {
    // no JSON: as it is
  }
  if (answer.status === 401) {
    document.dispatchEvent(new CustomEvent("lk-key-needed"));
  }
  return new ApiError(answer.status, words || `HTTP ${answer.status}`, Number(answer.headers.get("retry-after")) || 0);
}

/** Reads JSON. */
export async function get(path, signal) {
  return (await send(path, { signal })).json();
}

/** Changes something; the answer's JSON, if it has any. */
export async function change(method, path, json) {
  const text = await (await send(path, { method, json })).text();
  return text ? JSON.parse(text) : null;
}

/** Reads what may not be there: undefined for a route that the gateway does not have, or an object that is gone. */
export async function find(path, signal) {
  try {
    return await get(path, signal);
  } catch (e) {
    if (e instanceof ApiError && e.status === 404) {
      return undefined;
    }
    throw e;
  }
}

/** A part of a path. */
export const part = encodeURIComponent;

/** Hands something to the browser to keep as a file. */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
