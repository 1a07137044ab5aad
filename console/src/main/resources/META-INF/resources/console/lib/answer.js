// One answer of one model, as it comes: its text, who gave it, and how fast.
import { ApiError, ConnectionError, send } from "./api.js";
import { events } from "./events.js";
import { t } from "./i18n.js";

const PATIENCE = 60_000;
const LONGEST_WAIT = 5_000;
/** What passes by itself: the gateway finds no replica, or none that is quick enough. */
const PASSING = new Set([502, 503, 504]);

export class Answer {
  text = "";
  /** waiting, streaming, lost (asked again soon), done, stopped or failed */
  state = "waiting";
  #stop = new AbortController();

  constructor(model) {
    this.model = model;
  }

  get ended() {
    return ["done", "stopped", "failed"].includes(this.state);
  }

  /** Tokens a second from the first on; the first one's wait is told by itself. */
  get tokensPerSecond() {
    const tokens = this.usage?.completion_tokens ?? 0;
    return tokens > 1 && this.seconds > this.firstToken ? (tokens - 1) / (this.seconds - this.firstToken) : null;
  }

  stop() {
    this.#stop.abort();
  }

  /** Asks, and asks again if the connection or a replica is lost, until there is a whole answer. */
  async ask(request, onChange) {
    const deadline = performance.now() + PATIENCE;
    for (let wait = 500; ; wait = Math.min(LONGEST_WAIT, wait * 2)) {
      try {
        await this.#stream(request, onChange);
        this.state = "done";
      } catch (e) {
        this.state = this.#after(e, deadline);
        this.error = e.message;
      }
      onChange();
      if (this.ended) {
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  #after(e, deadline) {
    if (this.#stop.signal.aborted) {
      return "stopped";
    }
    const passing = e instanceof ConnectionError || (e instanceof ApiError && PASSING.has(e.status));
    return passing && performance.now() < deadline ? "lost" : "failed";
  }

  async #stream({ messages, temperature, maxTokens }, onChange) {
    const asked = performance.now();
    const since = () => (performance.now() - asked) / 1000;
    const json = {
      model: this.model,
      messages,
      temperature,
      max_tokens: maxTokens,
      stream: true,
      stream_options: { include_usage: true },
    };
    const answer = await send("/v1/chat/completions", { method: "POST", json, signal: this.#stop.signal });
    Object.assign(this, { text: "", usage: null, firstToken: null });
    let whole = false;
    for await (const { event, data } of events(answer)) {
      if (event === "error") {
        throw new ConnectionError(JSON.parse(data).error?.message ?? data);
      }
      if (data === "[DONE]") {
        whole = true;
        continue;
      }
      this.#take(JSON.parse(data), since);
      onChange();
    }
    this.seconds = since();
    if (!whole) {
      throw new ConnectionError(t("ask.ended"));
    }
  }

  #take(chunk, since) {
    const delta = chunk.choices?.[0]?.delta?.content;
    if (delta) {
      this.firstToken ??= since();
      this.text += delta;
      this.state = "streaming";
    }
    this.finish = chunk.choices?.[0]?.finish_reason ?? this.finish;
    this.usage = chunk.usage ?? this.usage;
    if (chunk.lorikeet) {
      this.adapter = chunk.lorikeet.adapter;
      this.version = chunk.lorikeet.version;
    }
  }

  /** What is kept of it in this tab. */
  toJSON() {
    const { model, text, adapter, version, usage, firstToken, seconds, finish, error } = this;
    return { model, text, adapter, version, usage, firstToken, seconds, finish, error, state: this.ended ? this.state : "stopped" };
  }

  static from(kept) {
    return Object.assign(new Answer(kept.model), kept);
  }
}
