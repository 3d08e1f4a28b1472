// Reads SARIF 2.1.0 as findings; pure, and tolerant: whatever a result lacks is left out.
import { object, records } from "./summary.js";

/**
 * @param {unknown} log the parsed file
 * @returns {Array<{level: string, rule: string, message: string, evidence: Foreign[]}> | null} null when it is no SARIF
 */
export function sarifFindings(log) {
  const root = object(log);
  if (!Array.isArray(root.runs)) return null;
  return records(root.runs).flatMap((run) => {
    const rules = records(object(object(run.tool).driver).rules);
    return records(run.results).map((result) => finding(result, rules));
  });
}

/** @typedef {{short: string, text: string}} RuleHelp */

/**
 * What the rules of a log say of themselves, by their names.
 * @param {unknown} log
 * @returns {Map<string, RuleHelp>}
 */
export function rulesOf(log) {
  const rules = records(object(log).runs).flatMap((run) => records(object(object(run.tool).driver).rules));
  return new Map(rules.map((rule) => {
    const said = (/** @type {string} */ name) => text(object(rule[name]).text);
    return [text(rule.id), { short: said("shortDescription"), text: said("help") || said("fullDescription") }];
  }));
}

/** @param {Foreign} result @param {Foreign[]} rules */
function finding(result, rules) {
  const index = Number.isInteger(result.ruleIndex) ? result.ruleIndex : object(result.rule).index;
  const known = object((typeof index === "number" ? rules[index] : undefined) ?? rules.find((rule) => rule.id === result.ruleId));
  const level = result.level ?? object(known.defaultConfiguration).level ?? "warning";
  const message = object(result.message);
  return {
    level: typeof level === "string" ? level : "warning",
    rule: text(result.ruleId ?? object(result.rule).id ?? known.id),
    message: text(message.text ?? message.markdown) || text(object(known.shortDescription).text) || "No message",
    evidence: records(result.locations).map(place).filter((one) => one.path !== ""),
  };
}

/** @param {Foreign} location */
function place(location) {
  const physical = object(location.physicalLocation);
  const region = object(physical.region);
  const context = object(physical.contextRegion);
  const shown = typeof object(context.snippet).text === "string" ? context : region;
  return {
    path: text(object(physical.artifactLocation).uri),
    start_line: Number.isInteger(region.startLine) ? region.startLine : 0,
    end_line: Number.isInteger(region.endLine) ? region.endLine : Number.isInteger(region.startLine) ? region.startLine : 0,
    excerpt: text(object(shown.snippet).text),
  };
}

/** @param {unknown} value */
function text(value) {
  return typeof value === "string" ? value : "";
}

/** @param {Partial<Artifact>} artifact */
export function isSarif(artifact) {
  return /\.sarif(\.json)?$/i.test(String(artifact.name ?? "")) || /sarif/i.test(String(artifact.media_type ?? ""));
}

