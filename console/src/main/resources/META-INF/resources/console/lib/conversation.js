// The conversation of this tab: questions, each with an answer of every model that was asked.
import { Answer } from "./answer.js";

const KEY = "lorikeet.conversation";

class Conversation extends EventTarget {
  turns = JSON.parse(sessionStorage.getItem(KEY) ?? "[]").map(({ question, answers }) => ({
    question,
    answers: answers.map(Answer.from),
  }));

  get busy() {
    return this.turns.at(-1)?.answers.some((answer) => !answer.ended) ?? false;
  }

  /** Asks each model; each hears its own answers to the earlier questions. */
  async ask(question, models, { system, temperature, maxTokens }) {
    const earlier = [...this.turns];
    const answers = models.map((model) => new Answer(model));
    this.turns.push({ question, answers });
    this.#changed();
    await Promise.all(
      answers.map((answer, column) => {
        const messages = [
          ...(system ? [{ role: "system", content: system }] : []),
          ...history(earlier, column),
          { role: "user", content: question },
        ];
        return answer.ask({ messages, temperature, maxTokens }, () => this.#changed());
      }),
    );
    this.#keep();
  }

  stop() {
    this.turns.at(-1)?.answers.forEach((answer) => answer.stop());
  }

  clear() {
    this.stop();
    this.turns = [];
    this.#keep();
    this.#changed();
  }

  #keep() {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(this.turns));
    } catch {
      // more than a tab may keep: it is there until the page is left
    }
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/** What was said before in a column; a model that was added later hears what the first one said. */
export function history(turns, column) {
  return turns
    .map(({ question, answers }) => ({ question, answer: answers[column] ?? answers[0] }))
    .filter(({ answer }) => answer.text)
    .flatMap(({ question, answer }) => [
      { role: "user", content: question },
      { role: "assistant", content: answer.text },
    ]);
}

export const conversation = new Conversation();
