// Turns numbers, times and untrusted text into what people read; pure, refuses
// to look at the clock or the document.

const NUMBER = new Intl.NumberFormat("en-US");

/** Characters that reorder or hide text: bidi controls, zero-width, C0/C1. */
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/**
 * Untrusted text with every character that could hide or reorder it spelled out.
 * @param {unknown} text
 * @returns {string}
 */
export function visible(text) {
  if (text === null || text === undefined) return "";
  return String(text).replace(HIDDEN, (character) => {
    const code = character.charCodeAt(0).toString(16).toUpperCase();
    return `[U+${code.padStart(4, "0")}]`;
  });
}

/**
 * The same on one line: line breaks and tabs become spaces.
 * @param {unknown} text
 */
export function oneLine(text) {
  return visible(text === null || text === undefined ? "" : String(text).replace(/\s+/g, " ")).trim();
}

const BRIEF = 400;

/**
 * One line that leaves room for the rest of the page; the whole is in the artifacts.
 * @param {unknown} text
 */
export function brief(text) {
  const line = oneLine(text);
  return line.length > BRIEF ? `${Array.from(line).slice(0, BRIEF).join("")}…` : line;
}

/** @param {unknown} sha */
export function shortSha(sha) {
  return visible(sha).slice(0, 7);
}

/** @param {unknown} value */
export function formatNumber(value) {
  return typeof value === "number" && Number.isFinite(value) ? NUMBER.format(value) : "–";
}

/**
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
export function plural(count, one, many = `${one}s`) {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}

/**
 * A metric between 0 and 1, or a dash when there is nothing to measure.
 * @param {unknown} value
 */
export function formatScore(value) {
  return typeof value === "number" && Number.isFinite(value) ? value.toFixed(2) : "–";
}

/** @param {unknown} bytes */
export function formatBytes(bytes) {
  if (typeof bytes !== "number" || !Number.isFinite(bytes) || bytes < 0) return "–";
  if (bytes < 1000) return plural(bytes, "byte");
  let value = bytes;
  let unit = "";
  for (const next of ["kB", "MB", "GB", "TB"]) {
    if (value < 999.5) break;
    value /= 1000;
    unit = next;
  }
  return `${value < 9.95 ? value.toFixed(1) : NUMBER.format(Math.round(value))} ${unit}`;
}

/**
 * @param {unknown} ms
 * @param {{live?: boolean}} [options] live durations show whole seconds only
 */
export function formatDuration(ms, { live = false } = {}) {
  if (typeof ms !== "number" || !Number.isFinite(ms)) return "–";
  const rest = Math.max(0, ms);
  if (!live && rest > 0 && rest < 9.5) return `${rest < 1 ? "under 1" : Math.round(rest)} ms`;
  if (!live && rest < 1000) return `${Math.round(rest)} ms`;
  if (!live && rest < 9950) return `${(rest / 1000).toFixed(1)} s`;
  const seconds = live ? Math.floor(rest / 1000) : Math.round(rest / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, "0")} s`;
  return `${NUMBER.format(Math.floor(minutes / 60))} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/**
 * Milliseconds since the epoch, or null for anything that is not a time.
 * @param {unknown} iso
 */
export function parseTime(iso) {
  if (typeof iso !== "string") return null;
  const at = Date.parse(iso);
  return Number.isNaN(at) ? null : at;
}

/**
 * @param {unknown} iso
 * @param {number} now milliseconds since the epoch
 */
export function relativeTime(iso, now) {
  const at = parseTime(iso);
  if (at === null) return "–";
  const seconds = Math.floor((now - at) / 1000);
  if (seconds < -5) return `in ${formatDuration(at - now, { live: true })}`;
  if (seconds < 5) return "just now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  if (seconds < 30 * 86400) return `${plural(Math.floor(seconds / 86400), "day")} ago`;
  return shortDate(iso);
}

/** `1 Mar 2026`. @param {unknown} iso @param {string} [timeZone] another zone than the reader's */
export function shortDate(iso, timeZone) {
  const at = parseTime(iso);
  return at === null ? "–" : inWords("short date", at, { day: "numeric", month: "short", year: "numeric", timeZone });
}

const CLOCK = /** @type {const} */ ({ hour: "2-digit", minute: "2-digit", second: "2-digit" });

/**
 * A time as the reader's clock and calendar have it, with its zone.
 * @param {unknown} iso
 * @param {string} [timeZone] another zone than the reader's
 */
export function absoluteTime(iso, timeZone) {
  const at = parseTime(iso);
  return at === null ? "" : inWords("whole", at, { day: "numeric", month: "short", year: "numeric", ...CLOCK, timeZoneName: "short", timeZone });
}

/** @param {unknown} iso the time of day, for "offline since" */
export function clockTime(iso) {
  const at = parseTime(iso);
  return at === null ? "–" : inWords("clock", at, CLOCK);
}

/** @type {Map<string, Intl.DateTimeFormat>} */
const made = new Map();

/**
 * A time in words; making a format costs more than using it a hundred times.
 * @param {string} name of the options
 * @param {number} at
 * @param {Intl.DateTimeFormatOptions} options
 */
export function inWords(name, at, options) {
  const key = `${name} ${options.timeZone}`;
  let format = made.get(key);
  if (format === undefined) made.set(key, (format = new Intl.DateTimeFormat("en-GB", options)));
  return format.format(at);
}

/** What metrics are called; nobody knows the letters alone. @type {Record<string, string>} */
const METRICS = {
  dci: "Deterministic Coverage Index (DCI)",
  dci_structural: "Structural coverage (DCI structural)",
  rci: "Reporting Completeness Index (RCI)",
};

/** @param {string} name */
export function metricName(name) {
  return Object.hasOwn(METRICS, name) ? METRICS[name] : humanize(name);
}

const ACRONYMS = /\b(api|http|iam|json|sql|tls|url)\b/gi;

/**
 * `endpoint` -> `Endpoint`, `env_var` -> `Env var`.
 * @param {unknown} name
 */
export function humanize(name) {
  const words = oneLine(name).replace(/[_-]+/g, " ").replace(ACRONYMS, (word) => word.toUpperCase());
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * How a fact kind is headed when it stands for several facts.
 * @param {string} kind
 */
export function kindLabel(kind) {
  return Object.hasOwn(KINDS, kind) ? KINDS[kind] : humanize(kind);
}

/** @type {Record<string, string>} */
const KINDS = {
  command: "Commands",
  container: "Containers",
  datastore: "Datastores",
  dependency: "Dependencies",
  endpoint: "Endpoints",
  endpoint_inferred: "Endpoints, inferred",
  entrypoint: "Entrypoints",
  env_var: "Environment variables",
  language: "Languages",
  license: "Licences",
  migration: "Migrations",
  outbound_host: "Outbound hosts",
  port: "Ports",
  runtime: "Runtimes",
  table: "Tables",
  workflow: "Workflows",
};

/**
 * An attribute value of a fact, on one line.
 * @param {unknown} value
 * @returns {string}
 */
export function attribute(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return formatNumber(value);
  if (Array.isArray(value)) return value.map(attribute).join(", ");
  if (typeof value === "object") {
    return Object.entries(value).map(([key, inner]) => `${humanize(key)}: ${attribute(inner)}`).join("; ");
  }
  return oneLine(value);
}

/**
 * `src/app.py:12-14`, `src/app.py` for evidence that a file exists.
 * @param {{path?: unknown, start_line?: unknown, end_line?: unknown} | null | undefined} evidence
 */
export function place(evidence) {
  const path = oneLine(evidence?.path);
  const start = Number(evidence?.start_line ?? 0);
  const end = Number(evidence?.end_line ?? start);
  if (!start) return path;
  return end > start ? `${path}:${start}-${end}` : `${path}:${start}`;
}
