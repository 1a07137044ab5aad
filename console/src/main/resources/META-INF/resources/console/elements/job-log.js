// A job's events as lines, the newest first.
import { html } from "lit";
import { figure, moment, number } from "../lib/format.js";
import { t } from "../lib/i18n.js";

const SHOWN = 200;

export function jobLog({ log }) {
  const lines = log.slice(-SHOWN).reverse();
  return html`<details class="log" open>
    <summary>${t("jobs.log")} <span class="muted">${number(log.length)}</span></summary>
    <ol tabindex="0" aria-label=${t("jobs.log")}>${lines.map((event) => html`<li><time>${moment(event.time)}</time> <b>${event.type}</b> ${words(event)}</li>`)}</ol>
  </details>`;
}

function words(event) {
  switch (event.type) {
    case "started":
      return `base_model=${event.base_model.id} max_steps=${event.max_steps} rows=${event.rows_kept} trainable=${event.trainable_parameters}`;
    case "progress":
      return `step=${event.global_step}/${event.max_steps} loss=${figure(event.loss)} grad_norm=${figure(event.grad_norm)} lr=${figure(event.learning_rate)} token_acc=${figure(event.token_acc)} memory=${figure(event.memory)}GiB`;
    case "evaluated":
      return `step=${event.step} eval_loss=${figure(event.eval_loss)} eval_token_acc=${figure(event.eval_token_acc)}`;
    case "checkpoint_saved":
      return `step=${event.step} ${event.path}`;
    case "accepted":
    case "rejected":
      return `${event.answers.filter(({ passed }) => passed).length}/${event.answers.length}`;
    case "succeeded":
      return `${event.checkpoint?.version ?? ""} promoted=${event.promoted}`;
    case "failed":
      return `${event.where ?? ""}: ${event.reason}`;
    case "cancelled":
      return `step=${event.step}`;
    default:
      return "";
  }
}
