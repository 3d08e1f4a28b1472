// The only door to the vendored chart library: line charts over an ordinal axis,
// drawn in the page's own colours; refuses its legend, titles and style sheet.
import UPlot from "../vendor/uplot-1.6.32.js";

/** @typedef {{label: string, tone: number, values: Array<number | null>}} Line */

/** Charts with this key move their cursors together. */
const TOGETHER = "ci-feed trend";

/** Steps of an axis that counts: no half endpoints. */
const COUNTS = [1, 2, 5].flatMap((digit) => Array.from({ length: 10 }, (_, power) => digit * 10 ** power)).sort((a, b) => a - b);

/**
 * @param {HTMLElement} box an empty element; its width is the chart's
 * @param {{lines: Line[], top: number | null, whole: boolean, format: (value: number) => string, names: string[],
 *   onPoint: (index: number | null) => void, onPick: (index: number) => void}} options
 *   top: the axis's upper end, null for the data's own; whole: values are counts; names: what stands below each point
 */
export function plot(box, { lines, top, whole, format, names, onPoint, onPick }) {
  const count = names.length;
  const ink = (/** @type {string} */ role) => () => colour(box, role);
  const series = lines.map((line) => ({
    stroke: ink(`--chart-${line.tone}`),
    width: 2,
    spanGaps: true,
    points: { show: count <= 40, size: 5, fill: ink(`--chart-${line.tone}`) },
  }));
  const font = `12px ${getComputedStyle(box).fontFamily}`;
  const axis = { stroke: ink("--muted"), font, ticks: { show: false } };
  const chart = new UPlot({
    width: Math.max(box.clientWidth, 120),
    height: 176,
    padding: [10, 24, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 8 }, sync: { key: TOGETHER } },
    scales: {
      x: { time: false, range: () => [-0.3, Math.max(count - 0.7, 0.7)] },
      y: { range: (_, __, high) => [0, top ?? roof(high ?? 1)] },
    },
    axes: [
      { ...axis, size: 28, grid: { show: false }, incrs: [1, 2, 5, 10, 20, 50, 100], space: 84,
        values: (_, at) => at.map((one) => (Number.isInteger(one) ? (names[one] ?? "") : "")) },
      { ...axis, ...(whole ? { incrs: COUNTS } : {}), size: gutter, space: 36, grid: { stroke: ink("--line"), width: 1 },
        values: (_, at) => at.map(format) },
    ],
    series: [{}, ...series],
    hooks: { setCursor: [({ cursor }) => onPoint((cursor.left ?? -1) >= 0 ? (cursor.idx ?? null) : null)] },
  }, [names.map((_, index) => index), ...lines.map((line) => line.values)], box);

  // With the third argument, which its types lack, the other charts' cursors follow.
  const setCursor = /** @type {(at: UPlot.Cursor, fire: boolean, publish: boolean) => void} */ (/** @type {unknown} */ (chart.setCursor));
  const pick = () => (chart.cursor.left ?? -1) >= 0 && typeof chart.cursor.idx === "number" && onPick(chart.cursor.idx);
  const size = new ResizeObserver(() => {
    if (box.clientWidth > 0 && box.clientWidth !== chart.width) chart.setSize({ width: box.clientWidth, height: chart.height });
  });
  const redraw = () => chart.redraw(false, true);
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  const theme = new MutationObserver(redraw);
  chart.over.addEventListener("click", pick);
  scheme.addEventListener("change", redraw);
  theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  size.observe(box);

  return {
    /** Where a point is, in px from the chart's left edge. @param {number} index */
    left: (index) => chart.valToPos(index, "x") + chart.over.offsetLeft,
    /** @param {number | null} index */
    point: (index) => setCursor(index === null ? { left: -10, top: -10 } : { left: chart.valToPos(index, "x"), top: 10 }, true, true),
    destroy() {
      size.disconnect();
      theme.disconnect();
      scheme.removeEventListener("change", redraw);
      chart.destroy();
    },
  };
}

/**
 * A role of css/tokens.css as a colour that the canvas understands: `light-dark()`
 * is only resolved in a colour property.
 * @param {HTMLElement} box
 * @param {string} role
 */
function colour(box, role) {
  box.style.setProperty("color", `var(${role})`);
  const resolved = getComputedStyle(box).color;
  box.style.removeProperty("color");
  return resolved;
}

/** Room for the longest label. @param {unknown} _ @param {string[] | null} labels */
function gutter(_, labels) {
  return 18 + 7 * Math.max(1, ...(labels ?? []).map((label) => label.length));
}

/** A little above the highest point. @param {number} high */
function roof(high) {
  return high <= 0 ? 1 : high * 1.12;
}
