// The job that is being put together in this tab: rows, questions and settings, from wherever they are added.
const KEY = "lorikeet.draft";

const EMPTY = { adapter: "", rows: "", files: "", acceptance: [], settings: {}, promote: "if_accepted" };

class Draft extends EventTarget {
  #job = { ...EMPTY, ...JSON.parse(sessionStorage.getItem(KEY) ?? "{}") };

  get job() {
    return this.#job;
  }

  set(changes) {
    this.#job = { ...this.#job, ...changes };
    try {
      sessionStorage.setItem(KEY, JSON.stringify(this.#job));
    } catch {
      // more than a tab may keep: it is there until the page is left
    }
    this.dispatchEvent(new Event("change"));
  }

  clear() {
    this.set({ ...EMPTY });
  }

  /** Adds a question that the trained model must answer so. */
  addQuestion(question, mustContain = []) {
    this.set({ acceptance: [...this.#job.acceptance, { question, must_contain: mustContain, must_not_contain: [] }] });
  }

  /** Adds a row to train on, as a line. */
  addRow(row) {
    const rows = this.#job.rows.trimEnd();
    this.set({ rows: `${rows}${rows ? "\n" : ""}${JSON.stringify(row)}\n` });
  }
}

export const draft = new Draft();
