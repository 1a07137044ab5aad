// A curve over steps, or several over each other, drawn by uPlot.
import { html } from "lit";
import uPlot from "uplot";
import { ConsoleElement } from "../lib/element.js";
import { figure } from "../lib/format.js";
import { prefs } from "../lib/prefs.js";

const HEIGHT = 190;

/**
 * @param series [{label, x: [], y: [], faint}] of steps and values, drawn in the theme's colours in turn; a faint one in the
 *     colour of the one behind it
 */
class Chart extends ConsoleElement {
  static properties = { label: {}, series: { attribute: false }, log: { type: Boolean } };

  connectedCallback() {
    super.connectedCallback();
    prefs.addEventListener("change", () => this.#draw(true), { signal: this.ends });
    this.resizes = new ResizeObserver(() => this.#fit());
    this.resizes.observe(this);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.resizes.disconnect();
    this.plot?.destroy();
    this.plot = null;
  }

  updated() {
    this.#draw(false);
  }

  render() {
    const last = this.series?.filter(({ faint }) => !faint) ?? [];
    const values = last.map(({ label, y }) => `${label} ${figure(y.at(-1))}`);
    return html`<figure>
      <figcaption><b>${this.label}</b>
        ${last.map(({ label, y }, i) => html`<span class="legend s${i + 1}">${last.length > 1 ? `${label} ` : ""}${figure(y.at(-1))}</span>`)}
      </figcaption>
      <div class="plot" role="img" aria-label=${`${this.label}: ${values.join(", ")}`}></div>
    </figure>`;
  }

  #draw(anew) {
    const shape = this.series.map(({ label, faint }) => `${label}${faint}`).join();
    const data = uPlot.join(this.series.map(({ x, y }) => [x, y]));
    if (this.plot && !anew && this.shape === shape) {
      this.plot.setData(data);
      return;
    }
    this.shape = shape;
    this.plot?.destroy();
    this.plot = new uPlot(this.#options(), data, this.querySelector(".plot"));
  }

  #options() {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const axis = { stroke: colour("--muted"), font: `11px ${style.fontFamily}`, grid: { stroke: colour("--grid"), width: 1 }, ticks: { show: false } };
    let next = 0;
    const lines = this.series.map(({ label, faint }) => {
      const number = faint ? next + 1 : ++next;
      return {
        label,
        stroke: colour(`--series-${number}${faint ? "-faint" : ""}`),
        width: faint ? 1 : 1.75,
        points: { show: false },
        spanGaps: true,
      };
    });
    return {
      width: Math.max(200, this.clientWidth),
      height: HEIGHT,
      padding: [10, 16, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { size: 5 } },
      scales: { x: { time: false }, y: { range: uPlot.rangeNum ? (_, low, high) => range(low, high) : undefined } },
      axes: [{ ...axis, size: 26 }, { ...axis, size: 52, values: (_, splits) => splits.map((v) => figure(v)) }],
      series: [{}, ...lines],
    };
  }

  #fit() {
    if (this.plot && this.clientWidth > 0 && this.plot.width !== this.clientWidth) {
      this.plot.setSize({ width: Math.max(200, this.clientWidth), height: HEIGHT });
    }
  }
}

/** Some air above and below; a straight line in the middle. */
function range(low, high) {
  if (low === null) {
    return [0, 1];
  }
  const air = high > low ? (high - low) * 0.06 : Math.abs(high) * 0.1 || 1;
  return [low >= 0 ? Math.max(0, low - air) : low - air, high + air];
}

customElements.define("lk-chart", Chart);
