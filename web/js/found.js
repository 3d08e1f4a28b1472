// What a search found, as lines by kind, and what it looked at; pure.
import { brief, kindLabel, oneLine, place, shortSha } from "./format.js";
import { deliveryPath, factPath, query, repoPath, runPath, searchPath } from "./links.js";
import { eventWord } from "./status.js";

/**
 * A line of the answer: where it leads, what it is called, and what tells it from others.
 * @typedef {{href: string, name: string, isCode?: boolean, where: string, badge?: {of: "run" | "outcome", value: string}}} Hit
 * @typedef {{title: string, hits: Hit[], more?: string}} Group more: where there are more of this kind
 */

/** Facts of a kind, where the server looks for every kind. */
const FEW = 5;

/** Ways to begin what is looked for, so that it is looked for as that only. */
export const PREFIXES = [
  { start: "env:", words: "a variable, by a part of its name" },
  { start: "endpoint:", words: "an endpoint, by a part of its path" },
  { start: "host:", words: "a host that is called" },
  { start: "dep:", words: "a dependency" },
  { start: "table:", words: "a table of a database" },
];

/** Every word that the server takes so. */
const KIND = /^(endpoint|env|env_var|port|command|dep|dependency|table|migration|runtime|entrypoint|container|workflow|datastore|host|outbound_host|license|language):/;

/** @param {string} word */
export function searchApi(word) {
  return `/api/ci/search${query({ q: word })}`;
}

/**
 * What was found, the likeliest first: whoever brings an id means what has it.
 * @param {Found} found
 * @param {string} word
 * @returns {Group[]}
 */
export function groupsOf(found, word) {
  const runs = { title: "Runs", hits: found.runs.map(ofRun) };
  const isId = /^[0-9a-f-]{7,}$/i.test(word);
  const groups = [
    ...(isId ? [runs] : []),
    { title: "Webhook deliveries", hits: found.deliveries.map(ofDelivery) },
    { title: "Repositories", hits: found.repositories.map((one) => ({ href: repoPath(one.repo_owner, one.repo_name), name: oneLine(one.repo_name), where: oneLine(one.repo_owner) })) },
    { title: "Branches", hits: found.branches.map((one) => ({ href: repoPath(one.repo_owner, one.repo_name) + query({ ref: one.branch }), name: oneLine(one.branch), where: nameOf(one) })) },
    ...kindsOf(found.facts, KIND.test(word) ? null : word),
    ...(isId ? [] : [runs]),
  ];
  return groups.filter((group) => group.hits.length > 0);
}

/** @param {Found} found */
export function countOf({ runs, deliveries, repositories, branches, facts }) {
  return [runs, deliveries, repositories, branches, facts].reduce((sum, hits) => sum + hits.length, 0);
}

/** @param {FoundFact[]} facts @param {string | null} word what was looked for in every kind @returns {Group[]} */
function kindsOf(facts, word) {
  const kinds = [...new Set(facts.map((fact) => fact.kind))];
  return kinds.map((kind) => {
    const hits = facts.filter((fact) => fact.kind === kind).map(ofFact);
    return { title: kindLabel(kind), hits, more: word !== null && hits.length >= FEW ? searchPath(`${kind}:${word}`) : undefined };
  });
}

/** @param {{repo_owner: string, repo_name: string}} one */
function nameOf(one) {
  return oneLine(`${one.repo_owner}/${one.repo_name}`);
}

/** @param {Found["runs"][number]} run @returns {Hit} */
function ofRun(run) {
  const sha = shortSha(run.commit_sha);
  const at = run.pr_number === null ? oneLine(run.ref) : `#${run.pr_number}`;
  return { href: runPath(run.id), name: brief(run.title) || `Commit ${sha}`, where: `${nameOf(run)} · ${at} · ${sha}`, badge: { of: "run", value: run.status } };
}

/** @param {Found["deliveries"][number]} one @returns {Hit} */
function ofDelivery(one) {
  const words = [eventWord(one.event), oneLine(one.action), oneLine(one.repo), oneLine(one.reason)].filter(Boolean).join(" · ");
  return { href: one.run_id ? runPath(one.run_id) : deliveryPath(one.delivery_id), name: oneLine(one.delivery_id), isCode: true, where: words, badge: { of: "outcome", value: one.outcome } };
}

/** @param {FoundFact} fact @returns {Hit} */
function ofFact(fact) {
  const at = place({ path: fact.path, start_line: fact.line, end_line: fact.end_line });
  return { href: factPath(fact, fact), name: brief(fact.key), isCode: true, where: brief(`${nameOf(fact)} · ${at}`) };
}

/** The page that has all of it. @param {string} word @returns {Hit} */
export function allOf(word) {
  return { href: searchPath(word), name: `All results for “${oneLine(word)}”`, where: "as a page with its own address" };
}

/**
 * What nothing was found among, for whoever wonders whether it was looked for.
 * @param {string} word
 * @param {boolean} withDeliveries whether this browser may see them
 */
export function lookedAt(word, withDeliveries) {
  const start = KIND.exec(word)?.[0];
  if (start !== undefined) return `Looked at the facts of that kind on every default branch. Without “${start}” everything else is looked at, too.`;
  return "Looked at commits (the first 7 or more digits), runs by their id, names of repositories, whole names of branches, the titles of the newest 2,000 runs, "
    + `the beginnings of names of facts on default branches, and parts of paths (/orders)${withDeliveries ? ", and webhook deliveries by their id." : ". Webhook deliveries are looked at only for those who are signed in."}`;
}
