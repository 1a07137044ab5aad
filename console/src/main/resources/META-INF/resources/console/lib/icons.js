// Line drawings, 20 by 20.
import { svg } from "lit";

const PATHS = {
  ask: svg`<path d="M3 4.5h14v9H9l-4 3v-3H3z"/>`,
  train: svg`<path d="M3 16.5h14M5 13V9M10 13V4M15 13V7"/>`,
  jobs: svg`<path d="M3 5h2M8 5h9M3 10h2M8 10h9M3 15h2M8 15h9"/>`,
  adapters: svg`<path d="M10 3l7 3.5-7 3.5-7-3.5zM3 10l7 3.5 7-3.5M3 13.5L10 17l7-3.5"/>`,
  overview: svg`<path d="M3 11h3l2-6 4 10 2-4h3"/>`,
  key: svg`<circle cx="7" cy="13" r="3.5"/><path d="M9.5 10.5L16 4M13.5 6.5l2 2"/>`,
  sun: svg`<circle cx="10" cy="10" r="3.5"/><path d="M10 2v2M10 16v2M2 10h2M16 10h2M4.3 4.3l1.4 1.4M14.3 14.3l1.4 1.4M4.3 15.7l1.4-1.4M14.3 5.7l1.4-1.4"/>`,
  moon: svg`<path d="M16 12a6.5 6.5 0 0 1-8-8 6.5 6.5 0 1 0 8 8z"/>`,
  send: svg`<path d="M10 16V4M5 9l5-5 5 5"/>`,
  stop: svg`<rect x="5.5" y="5.5" width="9" height="9" rx="1"/>`,
  plus: svg`<path d="M10 4v12M4 10h12"/>`,
  close: svg`<path d="M5 5l10 10M15 5L5 15"/>`,
  check: svg`<path d="M4 10.5l4 4 8-9"/>`,
  columns: svg`<rect x="3" y="4" width="14" height="12" rx="1"/><path d="M10 4v12"/>`,
};

/** One of them; it says nothing that the text beside it, or the label of its button, does not. */
export function icon(name) {
  return svg`<svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">${PATHS[name]}</svg>`;
}
