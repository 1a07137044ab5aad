// The curves of a job, and of another one over them.
import { html, nothing } from "lit";
import { number } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { router } from "../lib/router.js";
import { smooth } from "../lib/smooth.js";

const USUAL = 0.6;

/** @param runs one or two, whose curves lie over each other */
export function curves(runs, onSmoothing) {
  const shown = runs.filter(({ steps }) => steps.length > 0);
  if (shown.length === 0) {
    return nothing;
  }
  const weight = Number(router.parameters.get("smooth") ?? USUAL);
  const evaluated = shown.some(({ evaluations }) => evaluations.length > 0);
  return html`
    <div class="head"><h2>${t("curves.title")}</h2>
      <label class="inline">${t("curves.smoothing")} <output>${number(weight, 2)}</output>
        <input type="range" min="0" max="0.95" step="0.05" .value=${String(weight)} @input=${(event) => onSmoothing(event.target.value)}>
      </label>
    </div>
    <div class="charts">
      <lk-chart .label=${t("curves.loss")} .series=${shown.flatMap((run) => smoothed(run, run.loss, weight))}></lk-chart>
      ${evaluated ? html`<lk-chart .label=${t("curves.eval")} .series=${shown.map(evaluations)}></lk-chart>` : nothing}
      <lk-chart .label=${t("curves.accuracy")} .series=${shown.flatMap((run) => smoothed(run, run.accuracy, weight))}></lk-chart>
      <lk-chart .label=${t("curves.grad")} .series=${shown.map((run) => plain(run, run.grad))}></lk-chart>
      <lk-chart .label=${t("curves.lr")} .series=${shown.map((run) => plain(run, run.lr))}></lk-chart>
    </div>`;
}

function plain({ id, steps }, y) {
  return { label: id, x: [...steps], y: [...y] };
}

/** The values as they are, faintly, and what lies in them. */
function smoothed(run, y, weight) {
  return weight === 0 ? [plain(run, y)] : [{ ...plain(run, y), faint: true }, { ...plain(run, y), y: smooth(y, weight) }];
}

function evaluations({ id, evaluations: all }) {
  return { label: id, x: all.map(({ step }) => step), y: all.map(({ eval_loss: loss }) => loss) };
}
