// How a repository's default branch drifted lately: a bar for each run.
import { BOX, bars, barWords } from "../spark.js";
import { html } from "../view.js";

/** @param {{points: import("../spark.js").SparkPoint[] | null}} props points: null while nobody knows them */
export function Spark({ points }) {
  if (points === null || points.length === 0) return html`<svg class="spark" viewBox=${BOX} aria-hidden="true" focusable="false"></svg>`;
  const words = barWords(points);
  return html`<svg class="spark" viewBox=${BOX} role="img" aria-label=${words}><title>${words}</title>
    ${bars(points).map((bar, index) => html`<rect key=${index} class=${`spark-${bar.is}`} x=${bar.x} y=${bar.y} width=${bar.width} height=${bar.height} rx="1" />`)}</svg>`;
}
