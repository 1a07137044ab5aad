// A job as its events tell it: curves, checkpoints, answers, and a line for each event.
import { jobEvents } from "./events.js";

const CURVES = { loss: "loss", lr: "learning_rate", grad: "grad_norm", accuracy: "token_acc" };

export class Run extends EventTarget {
  constructor(id) {
    super();
    this.id = id;
    this.#begin();
  }

  #begin() {
    Object.assign(this, { steps: [], evaluations: [], checkpoints: [], answers: [], log: [], started: null, progress: null, outcome: null });
    for (const curve of Object.keys(CURVES)) {
      this[curve] = [];
    }
  }

  /** Follows the job to its end, through lost connections. */
  async follow(signal) {
    this.#begin();
    for await (const event of jobEvents(this.id, signal, (there) => this.#connected(there))) {
      this.#take(event);
      this.#tell();
    }
  }

  #connected(there) {
    if (this.lost !== !there) {
      this.lost = !there;
      this.dispatchEvent(new Event("change"));
    }
  }

  /** Many events may come at once, and are shown once. */
  #tell() {
    if (!this.telling) {
      this.telling = true;
      setTimeout(() => {
        this.telling = false;
        this.dispatchEvent(new Event("change"));
      }, 50);
    }
  }

  #take(event) {
    this.adapter = event.adapter ?? this.adapter;
    this.log.push(event);
    switch (event.type) {
      case "queued":
        this.outcome = null;
        break;
      case "started":
        this.started = event;
        this.outcome = null;
        this.#cut(event.resumed_from_step ?? 0);
        break;
      case "progress":
        this.progress = event;
        this.steps.push(event.global_step);
        for (const [curve, field] of Object.entries(CURVES)) {
          this[curve].push(event[field]);
        }
        break;
      case "evaluated":
        this.evaluations.push(event);
        break;
      case "checkpoint_saved":
        this.checkpoints.push(event);
        break;
      case "accepted":
      case "rejected":
        this.answers = event.answers;
        break;
      default:
        this.outcome = event;
    }
  }

  /** Another try goes on behind this step. */
  #cut(step) {
    const kept = this.steps.filter((s) => s <= step).length;
    this.steps.length = kept;
    Object.keys(CURVES).forEach((curve) => (this[curve].length = kept));
  }

  get status() {
    return this.outcome?.type ?? (this.started ? "running" : "queued");
  }

  /** Of what is to be done, from 0 to 1. */
  get share() {
    if (this.status === "succeeded") {
      return 1;
    }
    return this.progress ? this.progress.global_step / this.progress.max_steps : 0;
  }
}
