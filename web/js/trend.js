// Turns the points of a repository's trend into lines and drift; pure, and
// tolerant because an external analyzer may have left any numbers at all.
import { formatDuration, formatNumber, formatScore, kindLabel, metricName, oneLine, parseTime, shortDate, shortSha } from "./format.js";
import { number, object, records, sortedCounts } from "./summary.js";

/** How many kinds of facts get a line of their own. */
const KINDS = 5;

/** @typedef {import("./plot.js").Line} Line */
/** @typedef {{id: string, title: string, top: number | null, whole: boolean, format: (value: unknown) => string, lines: Line[]}} Chart */

/** @param {Point} point */
function drift(point) {
  return object(object(point.drift).counts);
}

/**
 * The kinds of facts worth a line: those of the newest dossier, most facts first.
 * @param {Point[]} points
 */
export function topKinds(points) {
  const newest = object([...points].reverse().find((point) => Object.keys(object(point.facts)).length > 0)).facts;
  return sortedCounts(newest).slice(0, KINDS).map(([kind]) => kind);
}

/**
 * @param {Point[]} points oldest first
 * @returns {Chart[]} only those that have something to draw
 */
export function chartsOf(points) {
  const line = (/** @type {string} */ label, /** @type {number} */ tone, /** @type {(point: Point) => unknown} */ read) => (
    { label, tone, values: points.map((point) => number(read(point))) });
  const charts = [
    { id: "facts", title: "Facts by kind", top: null, whole: true, format: formatNumber,
      lines: topKinds(points).map((kind, index) => line(oneLine(kindLabel(kind)), index + 1, (point) => object(point.facts)[kind])) },
    { id: "claims", title: "Claims of the documentation", top: null, whole: true, format: formatNumber, lines: [
      line("Contradicted", 2, (point) => object(point.claims).contradicted),
      line("Verified", 3, (point) => object(point.claims).verified)] },
    { id: "shares", title: "Coverage and completeness", top: 1, whole: false, format: formatScore, lines: [
      line(metricName("dci"), 1, (point) => object(point.metrics).dci),
      line(metricName("rci"), 4, (point) => object(point.metrics).rci)] },
    { id: "drift", title: "Drift of each run", top: null, whole: true, format: formatNumber, lines: [
      line("Added", 3, (point) => drift(point).added),
      line("Removed", 2, (point) => drift(point).removed),
      line("Changed", 4, (point) => drift(point).changed),
      line("Not pinned down", 5, (point) => drift(point).unresolved_added)] },
    { id: "lines", title: "Lines", top: null, whole: true, format: formatNumber, lines: [line("Lines", 1, (point) => point.lines)] },
    { id: "duration", title: "Duration", top: null, whole: false, format: (/** @type {unknown} */ value) => formatDuration(value), lines: [line("Duration", 5, (point) => point.duration_ms)] },
  ];
  return charts
    .map((chart) => ({ ...chart, lines: chart.lines.filter((one) => one.values.some((value) => value !== null)) }))
    .filter((chart) => chart.lines.length > 0);
}

/**
 * One point in words, for the tooltip and for screen readers.
 * @param {Point} point
 */
export function pointName(point) {
  const pull = Number.isInteger(point.pr_number) ? `, #${point.pr_number}` : "";
  return `${shortSha(point.commit_sha)}, ${shortDate(point.created_at)}${pull}`;
}

/**
 * What stands below the points: `5 Mar`, or `14:05` where all are of one day;
 * the tooltip and the table have the whole date.
 * @param {Point[]} points
 * @param {string} [timeZone] another zone than the reader's
 */
export function pointLabels(points, timeZone) {
  const times = points.map((point) => parseTime(point.created_at));
  const shown = (/** @type {Intl.DateTimeFormatOptions} */ options) => {
    const format = new Intl.DateTimeFormat("en-GB", { ...options, timeZone });
    return times.map((at) => (at === null ? "" : format.format(at)));
  };
  const days = shown({ day: "numeric", month: "short" });
  return new Set(days).size > 1 ? days : shown({ hour: "2-digit", minute: "2-digit" });
}

/**
 * The runs that were compared with another one, newest first.
 * @param {Point[]} points
 */
export function driftHistory(points) {
  return records(points).filter((point) => point.status === "SUCCEEDED" && point.drift !== null && typeof point.drift === "object").reverse();
}
