// What is compared: a repository, and two of its branches, environments, pull requests, runs or commits; all of it
// stands in the address.
import { oneLine, shortSha } from "../format.js";
import { comparePath, parseRepo, query } from "../links.js";
import { usePoll } from "../poll.js";
import { navigate } from "../router.js";
import { branchSide, sideWords } from "../sides.js";
import { html, useEffect, useState } from "../view.js";
import { Failure } from "./notice.js";

/** Runs that are offered. */
const RUNS = 50;

/** @typedef {import("../links.js").RouteOf<"compare">} CompareRoute */
/** @typedef {Array<{label: string, options: Array<[value: string, words: string]>}>} Choices */

/** @param {{route: CompareRoute}} props */
export function RepoField({ route }) {
  const name = route.owner === "" ? "" : `${route.owner}/${route.repo}`;
  const [text, setText] = useState(name);
  const [problem, setProblem] = useState("");
  /** @type {Polled<{repos: Repo[]}>} */
  const repos = usePoll("/api/ci/repos", { isFinal: () => true });
  const known = (repos.data?.repos ?? []).map((one) => `${one.owner}/${one.repo}`);
  useEffect(() => setText(name), [name]);
  // Where there is one, nobody is asked which.
  useEffect(() => void (name === "" && known.length === 1 && go(known[0], true)), [repos.data]);

  /** @param {string} wanted @param {boolean} [replace] */
  function go(wanted, replace = false) {
    const parsed = parseRepo(wanted);
    setProblem(parsed === null ? "Write the repository as owner/name." : "");
    if (parsed !== null && wanted.trim() !== name) navigate(comparePath(parsed), { replace });
  }

  /** @param {FieldEvent} event */
  function onInput(event) {
    setText(event.target.value);
    if (known.includes(event.target.value)) go(event.target.value);
  }

  if (name === "" && repos.error) return html`<${Failure} error=${repos.error} refresh=${repos.refresh} what="The list of repositories" />`;
  return html`<form class="filters" aria-label="Repository" onSubmit=${(/** @type {Event} */ event) => { event.preventDefault(); go(text); }}>
    <label class="field field-repo"><span class="field-label">Repository</span>
      <input type="text" list="known-repos" data-search placeholder="owner/name" autocomplete="off" spellcheck="false" value=${text}
        aria-invalid=${problem === "" ? undefined : "true"} aria-describedby="repo-problem" onInput=${onInput} /></label>
    <datalist id="known-repos">${known.map((one) => html`<option key=${one} value=${one}></option>`)}</datalist>
    <p class="field-problem" id="repo-problem" role="alert">${problem}</p>
  </form>`;
}

/** @param {{route: CompareRoute, branches: string[], deployments: Deployment[]}} props */
export function SidesForm({ route, branches, deployments }) {
  const { owner, repo, base, head } = route;
  /** @type {Polled<RunPage>} */
  const runs = usePoll(`/api/ci/runs${query({ owner, repo, status: "SUCCEEDED", limit: RUNS })}`, { isFinal: () => true });
  const choices = choicesOf(branches, deployments, runs.data?.runs ?? []);
  const go = (/** @type {{base?: string, head?: string}} */ change) => navigate(comparePath({ owner, repo, base, head, ...change }));
  return html`<div class="compare-sides">
    <${SideField} label="Base" help="what there was" value=${base} choices=${choices} onValue=${(/** @type {string} */ value) => go({ base: value })} />
    <button type="button" class="button" disabled=${base === "" && head === ""} onClick=${() => go({ base: head, head: base })}>Swap</button>
    <${SideField} label="Head" help="what there is now" value=${head} choices=${choices} onValue=${(/** @type {string} */ value) => go({ head: value })} />
  </div>`;
}

/**
 * @param {string[]} branches
 * @param {Deployment[]} deployments
 * @param {Run[]} runs
 * @returns {Choices}
 */
function choicesOf(branches, deployments, runs) {
  const pulls = new Map(runs.filter((run) => run.pr_number !== null).map((run) => [run.pr_number, run.title]));
  /** @type {Choices} */
  const choices = [
    { label: "Branches", options: branches.map((branch) => [branchSide(branch), oneLine(branch)]) },
    { label: "Deployed", options: deployments.map((one) => [`deployed:${one.environment}`, `${oneLine(one.environment)}: ${shortSha(one.commit_sha)}`]) },
    { label: "Pull requests", options: [...pulls].map(([number, title]) => [`pr:${number}`, `#${number} ${oneLine(title)}`]) },
    { label: "Runs", options: runs.map((run) => [run.id, `${shortSha(run.commit_sha)} ${oneLine(run.title)}`]) },
  ];
  return choices.filter((one) => one.options.length > 0);
}

/** @param {{label: string, help: string, value: string, choices: Choices, onValue: (value: string) => void}} props */
function SideField({ label, help, value, choices, onValue }) {
  const [text, setText] = useState("");
  const isOffered = choices.some(({ options }) => options.some(([name]) => name === value));
  useEffect(() => setText(""), [value]);

  /** @param {Event} event */
  function submit(event) {
    event.preventDefault();
    if (text.trim() !== "") onValue(text.trim());
  }

  return html`<form class="compare-side" aria-label=${label} onSubmit=${submit}>
    <label class="field"><span class="field-label">${label}, ${help}</span>
      <select value=${value} onChange=${(/** @type {FieldEvent} */ event) => onValue(event.target.value)}>
        ${value === "" && html`<option value="" selected>Choose…</option>`}
        ${value !== "" && !isOffered && html`<option value=${value} selected>${short(sideWords(value))}</option>`}
        ${choices.map((one) => html`<optgroup key=${one.label} label=${one.label}>
          ${one.options.map(([name, words]) => html`<option key=${name} value=${name} selected=${name === value}>${short(words)}</option>`)}</optgroup>`)}
      </select></label>
    <label class="field"><span class="field-label">or type one, then Enter</span>
      <input type="text" placeholder="commit, run, #7, branch" autocomplete="off" autocapitalize="off" spellcheck="false" enterkeyhint="go" maxlength="200" value=${text}
        onInput=${(/** @type {FieldEvent} */ event) => setText(event.target.value)} /></label>
  </form>`;
}

/** @param {string} words */
function short(words) {
  return words.length > 70 ? `${Array.from(words).slice(0, 69).join("")}…` : words;
}
