// The icons, drawn as shapes in the current text colour; always decoration, the
// word beside it carries the meaning.
import { html } from "../view.js";

/** @type {Record<string, string>} */
const PATHS = {
  arrow: "M3 8h9M8.5 4.5 12 8l-3.5 3.5",
  check: "m3.5 8.5 3 3 6-7",
  chevron: "m6 4 4 4-4 4",
  clock: "M8 4.5V8l2.5 1.5M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0Z",
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
  cross: "m4 4 8 8m0-8-8 8",
  download: "M8 2.5v8M4.5 7.5 8 11l3.5-3.5M3 13.5h10",
  external: "M9 3h4v4m0-4L7.5 8.5M11 9.5v3.5H3V5h3.5",
  info: "M8 7.5v3.5M8 5v.2M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0Z",
  key: "M6.5 8.5a2.8 2.8 0 1 1 1 1L3.5 13.5H2v-2M5 12l1 1",
  keyboard: "M1.5 4h13v8h-13zM4 6.5h.2M7 6.5h.2M10 6.5h.2M12 6.5h.2M4 9.7h8",
  link: "M6.7 9.3l2.6-2.6M7.2 4.8l1.3-1.3a2.8 2.8 0 0 1 4 4l-1.3 1.3M8.8 11.2l-1.3 1.3a2.8 2.8 0 0 1-4-4l1.3-1.3",
  minus: "M4 8h8",
  moon: "M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5Z",
  plus: "M8 4v8M4 8h8",
  question: "M6 6a2 2 0 1 1 2.7 1.9c-.5.2-.7.6-.7 1.1M8 11.3v.2M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0Z",
  running: "M8 2a6 6 0 0 1 6 6M8 14a6 6 0 0 1-6-6",
  search: "M11.5 7a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0ZM10.3 10.3 14 14",
  sun: "M8 1.5v1.5M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1 1M11.6 11.6l1 1M12.6 3.4l-1 1M4.4 11.6l-1 1M10.8 8A2.8 2.8 0 1 1 5.2 8a2.8 2.8 0 0 1 5.6 0Z",
  system: "M2 3h12v8H2zM6 13.5h4M8 11v2.5",
  warning: "M8 6v3.2M8 11.4v.2M8 2.2 14.2 13H1.8z",
};

/** @param {{name: string, class?: string}} props */
export function Icon({ name, class: extra = "" }) {
  return html`<svg class=${`icon icon-${name} ${extra}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    <path d=${PATHS[name] ?? PATHS.question} />
  </svg>`;
}
