// A fact of a repository's default branch: what it is, where it stands, since when, and in which other repositories.
import { attribute, brief, formatNumber, humanize, kindLabel, oneLine, place, plural, shortSha, visible } from "../format.js";
import { factPath, factsApiPath, hashOf, query, repoPath, runPath, searchPath } from "../links.js";
import { Badge } from "../parts/badge.js";
import { EvidenceList } from "../parts/evidence.js";
import { FactEvents } from "../parts/fact-events.js";
import { Failure, Loading, Notice } from "../parts/notice.js";
import { Time } from "../parts/time.js";
import { usePoll } from "../poll.js";
import { number, object, records } from "../summary.js";
import { setTitle } from "../title.js";
import { html, useEffect } from "../view.js";

const EVENTS = 20;
const REPOS = 50;
/** Facts that come with the one that is asked for. */
const PAGE = 20;

/** @param {{route: import("../links.js").RouteOf<"fact">}} props */
export function FactPage({ route }) {
  const { owner, repo, kind, key } = route;
  const isNamed = kind !== "" && key !== "";
  const address = `/api/ci/facts/history${query({ owner, repo, kind, key, limit: EVENTS })}`;
  /** @type {Polled<FactHistory>} */
  const polled = usePoll(isNamed ? address : null, { isFinal: () => true });
  const history = polled.data;
  /** @type {Polled<{run: Run}>} */
  const run = usePoll(history && `/api/ci${runPath(history.head.run_id)}`, { isFinal: () => true });
  useEffect(() => setTitle(isNamed ? `${oneLine(key)} · ${oneLine(repo)}` : "Fact"), [key, repo]);

  const name = `${visible(owner)}/${visible(repo)}`;
  return html`<div class="page">
    <p class="crumbs"><a href=${repoPath(owner, repo)}><bdi>${name}</bdi></a> · ${history === null ? oneLine(kindLabel(kind))
      : html`<a href=${runPath(history.head.run_id) + hashOf("facts", kind)}>${oneLine(kindLabel(kind))}</a>`}</p>
    <h1>${isNamed ? html`<code class="fact-title"><bdi>${brief(key)}</bdi></code>` : "Which fact?"}</h1>
    ${!isNamed ? html`<p>The address names none. <a href=${searchPath()}>Search</a> finds facts by their names.</p>`
      : history === null ? html`<${Nothing} polled=${polled} name=${name} />`
        : html`<${Standing} history=${history} forge=${run.data?.run.forge_url ?? null} />
          <${FactEvents} key=${`${address} ${history.events.length}`} address=${address} history=${history} forge=${run.data?.run.forge_url ?? null} />
          <${Elsewhere} kind=${kind} factKey=${key} here=${history.fact ?? { repo_owner: owner, repo_name: repo }} />`}
  </div>`;
}

/** @param {{polled: Polled<FactHistory>, name: string}} props */
function Nothing({ polled, name }) {
  const { error } = polled;
  if (error?.status === 404) {
    return html`<${Notice} title="No facts of this repository are known"><p>They are those of the newest dossier of its default branch, and there is none of <bdi>${name}</bdi> yet, or none that you may see.</p><//>`;
  }
  if (error?.status === 400) return html`<${Notice} tone="bad" icon="warning" alert=${true} title="There is no such fact"><p>${visible(error.message)}</p><//>`;
  return error ? html`<${Failure} error=${error} refresh=${polled.refresh} what="This fact" />` : html`<${Loading} label="Loading the fact" />`;
}

/** @param {{history: FactHistory, forge: string | null}} props */
function Standing({ history, forge }) {
  const { fact, head } = history;
  const unread = number(object(head.coverage).unread) ?? 0;
  return html`<section aria-labelledby="standing"><h2 id="standing">Where it stands</h2>
    <p>${fact === null ? "Not on" : "On"} ${head.branch === null ? "the default branch" : html`<bdi>${oneLine(head.branch)}</bdi>`}, as of
      ${" "}<a href=${runPath(head.run_id)}>commit <code class="sha">${shortSha(head.commit_sha)}</code></a>, <${Time} at=${head.as_of} />.
      ${unread > 0 && html` <span class="muted">${plural(unread, "file")} of that commit ${unread === 1 ? "was" : "were"} not read.</span>`}</p>
    ${fact !== null && html`<${Whole} fact=${fact} forge=${forge} />`}</section>`;
}

/** @param {{fact: FoundFact, forge: string | null}} props */
function Whole({ fact, forge }) {
  /** @type {Polled<{facts: Foreign[]}>} */
  const stated = usePoll(factsApiPath(fact.run_id, { kind: fact.kind, at: fact.id, limit: PAGE }), { isFinal: () => true });
  const attrs = Object.entries(object(fact.attrs)).filter(([, value]) => value !== null && value !== "" && !(Array.isArray(value) && value.length === 0));
  // The index holds a place; the dossier has the lines, and further places.
  const whole = records(stated.data?.facts).find((one) => one.id === fact.id);
  const evidence = whole?.evidence ?? [{ path: fact.path, start_line: fact.line, end_line: fact.end_line, sha256: fact.sha256 }];
  return html`<dl class="rows">
      <div><dt>Status</dt><dd><${Badge} of="fact" value=${fact.status} /></dd></div>
      ${attrs.map(([name, value]) => html`<div key=${name}><dt>${visible(humanize(name))}</dt><dd><bdi>${brief(attribute(value))}</bdi></dd></div>`)}
    </dl>
    ${stated.loading ? html`<${Loading} label="Loading the lines" rows=${1} />`
      : html`<${EvidenceList} key=${fact.run_id} run=${{ forge_url: forge, commit_sha: fact.commit_sha }} evidence=${evidence} open=${whole !== undefined} />`}`;
}

/** @param {{kind: string, factKey: string, here: {repo_owner: string, repo_name: string}}} props */
function Elsewhere({ kind, factKey, here }) {
  /** @type {Polled<{facts: FoundFact[], next: string | null}>} */
  const polled = usePoll(`/api/ci/facts${query({ kind, key: factKey, limit: REPOS })}`, { isFinal: () => true });
  const nameOf = (/** @type {{repo_owner: string, repo_name: string}} */ one) => `${one.repo_owner}/${one.repo_name}`;
  const others = (polled.data?.facts ?? []).filter((one) => nameOf(one).toLowerCase() !== nameOf(here).toLowerCase());
  return html`<section aria-labelledby="elsewhere"><h2 id="elsewhere">In other repositories ${others.length > 0 && html`<span class="tab-count num">${formatNumber(others.length)}</span>`}</h2>
    ${polled.data === null
      ? polled.error ? html`<${Failure} error=${polled.error} refresh=${polled.refresh} what="The list" />` : html`<${Loading} label="Loading" rows=${1} />`
      : others.length === 0 ? html`<p class="muted">No other default branch states it, as far as their dossiers go.</p>`
        : html`<ul class="repos" role="list">${others.map((one) => html`<li class="found-row" key=${`${nameOf(one)} ${one.id}`} data-row>
            <a class="repo-link" href=${factPath(one, one)}><bdi>${oneLine(nameOf(one))}</bdi></a>
            <span class="muted"><code><bdi>${place({ path: one.path, start_line: one.line, end_line: one.end_line })}</bdi></code></span>
            <code class="sha">${shortSha(one.commit_sha)}</code> <${Time} at=${one.as_of} /></li>`)}</ul>`}
    ${polled.data?.next && html`<p><a href=${searchPath(`${kind}:${factKey}`)}>There are more</a></p>`}</section>`;
}
