// The feed's filters, kept in the address: repository with suggestions, ref, status.
import { oneLine } from "../format.js";
import { feedPath, parseOwner, parseRepo } from "../links.js";
import { usePoll } from "../poll.js";
import { navigate } from "../router.js";
import { html, useEffect, useState } from "../view.js";

const STATUSES = [["", "All states"], ["QUEUED", "Queued"], ["RUNNING", "Running"], ["SUCCEEDED", "Succeeded"], ["FAILED", "Failed"]];

/** @param {{route: import("../links.js").RouteOf<"feed">}} props */
export function Filters({ route }) {
  const name = route.owner === "" ? "" : `${route.owner}/${route.repo}`;
  const [repo, setRepo] = useState(name);
  const [ref, setRef] = useState(route.ref);
  const [problem, setProblem] = useState("");
  /** @type {Polled<Api.Repos>} */
  const repos = usePoll("/api/ci/repos", { isFinal: () => true });

  useEffect(() => {
    setRepo(name);
    setRef(route.ref);
    setProblem("");
  }, [name, route.ref]);

  const known = (repos.data?.repos ?? []).map((one) => `${one.owner}/${one.repo}`);

  /** @param {{repo?: string, ref?: string, status?: string}} change */
  function go(change) {
    const wanted = { repo, ref, status: route.status, ...change };
    // A pull request goes with its repository, and a ref is of none.
    const pr = wanted.ref.trim() === "" && wanted.repo === name ? route.pr : "";
    const parsed = parseRepo(wanted.repo) ?? parseOwner(wanted.repo);
    if (wanted.repo.trim() !== "" && parsed === null) {
      setProblem("Write the repository as owner/name, or all of an owner's as owner/.");
      return;
    }
    setProblem("");
    navigate(feedPath({ owner: parsed?.owner, repo: parsed?.repo, ref: wanted.ref.trim(), pr, status: wanted.status }));
  }

  /** @param {FieldEvent} event */
  function onRepo(event) {
    setRepo(event.target.value);
    // Picking a suggestion needs no Enter; typing does.
    if (known.includes(event.target.value)) go({ repo: event.target.value });
  }

  const filtered = name !== "" || route.ref !== "" || route.pr !== "" || route.status !== "";
  return html`<form class="filters" role="search" aria-label="Filter runs" onSubmit=${(/** @type {Event} */ event) => { event.preventDefault(); go({}); }}>
    <label class="field field-repo"><span class="field-label">Repository</span>
      <input type="text" list="known-repos" data-search placeholder="all repositories" autocomplete="off" spellcheck="false" value=${repo}
        aria-invalid=${problem === "" ? undefined : "true"} aria-describedby="repo-problem" onInput=${onRepo} />
    </label>
    <datalist id="known-repos">${known.map((one) => html`<option key=${one} value=${one}></option>`)}</datalist>
    <label class="field field-ref"><span class="field-label">Ref</span>
      <input type="text" placeholder="any" autocomplete="off" spellcheck="false" value=${ref} onInput=${(/** @type {FieldEvent} */ event) => setRef(event.target.value)} />
    </label>
    <label class="field field-state"><span class="field-label">State</span>
      <select value=${route.status} onChange=${(/** @type {FieldEvent} */ event) => go({ status: event.target.value })}>
        ${STATUSES.map(([value, word]) => html`<option key=${value} value=${value} selected=${value === route.status}>${word}</option>`)}
      </select>
    </label>
    <div class="filter-actions">
      <button type="submit" class="button">Apply</button>
      ${filtered && html`<a class="button button-quiet" href="/feed">Clear</a>`}
    </div>
    <p class="field-problem" id="repo-problem" role="alert">${oneLine(problem)}</p>
  </form>`;
}
