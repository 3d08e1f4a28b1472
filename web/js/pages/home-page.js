// The repositories: how each stands, latest activity first; on a wide screen the newest runs beside them. One alone is
// shown whole.
import { formatNumber, plural } from "../format.js";
import { repoPath } from "../links.js";
import { useMedia } from "../media.js";
import { Failure, Loading, Stale } from "../parts/notice.js";
import { RepoRow } from "../parts/repo-row.js";
import { RunList } from "../parts/run-list.js";
import { useSlide } from "../parts/slide.js";
import { Welcome } from "../parts/welcome.js";
import { usePoll } from "../poll.js";
import { navigate } from "../router.js";
import { useShortTrends } from "../short-trends.js";
import { isActive } from "../status.js";
import { hintWork } from "../ticker.js";
import { setTitle } from "../title.js";
import { html, useEffect, useState } from "../view.js";
import { RepoPage } from "./repo-page.js";

/** As many as the server tells at once. */
const MOST = 500;
/** Runs beside the repositories. */
const FEW = 15;
const ALL_RUNS = {};

export function HomePage() {
  /** @type {Polled<Api.Repos>} */
  const polled = usePoll("/api/ci/repos", { isActive: (data) => data.repos.some((one) => isActive(one.latest)) });
  const repos = polled.data?.repos ?? null;
  const one = repos?.length === 1 ? repos[0] : null;
  const active = repos?.filter((repo) => isActive(repo.latest)).length ?? 0;
  const hasRoom = useMedia("(min-width: 78rem)");
  useEffect(() => {
    // One repository's page says its own.
    if (repos === null || one !== null) return;
    setTitle("Repositories", active, repos[0]?.latest.status);
    hintWork(active > 0);
  }, [repos]);

  if (repos === null) {
    return html`<div class="page page-wide"><h1>Repositories</h1>
      ${polled.error ? html`<${Failure} error=${polled.error} refresh=${polled.refresh} what="The list of repositories" />` : html`<${Loading} label="Loading the repositories" />`}</div>`;
  }
  if (one !== null) return html`<${RepoPage} route=${{ page: "repo", owner: one.owner, repo: one.repo, ref: "" }} />`;
  if (repos.length === 0) return html`<div class="page"><h1>Repositories</h1><${Stale} polled=${polled} /><${Welcome} /></div>`;
  return html`<div class="page page-wide home"><div class="home-repos"><h1>Repositories</h1><${Stale} polled=${polled} />
      <${Repositories} repos=${repos} /></div>
    ${hasRoom && html`<section class="home-feed" aria-labelledby="newest"><div class="page-head"><h2 id="newest">Newest runs</h2><a href="/feed">All runs</a></div>
      <${RunList} filter=${ALL_RUNS} few=${FEW} empty=${null} /></section>`}
  </div>`;
}

/** @param {{repos: Repo[]}} props */
function Repositories({ repos }) {
  const [text, setText] = useState("");
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = repos.filter((one) => words.every((word) => `${one.owner}/${one.repo}`.toLowerCase().includes(word)));
  const { trendOf, seenAt, asking } = useShortTrends(repos, found);
  const list = useSlide(found.map((one) => `${one.owner}/${one.repo}`));

  /** @param {Event} event */
  function open(event) {
    event.preventDefault();
    if (found.length > 0) navigate(repoPath(found[0].owner, found[0].repo));
  }

  return html`<div>
    <form class="filters filters-inline" role="search" aria-label="Find a repository" onSubmit=${open}>
      <label class="field field-grow"><span class="field-label">Find</span>
        <input type="search" placeholder="part of a name; Enter opens the first" autocomplete="off" spellcheck="false" data-search value=${text}
          onInput=${(/** @type {FieldEvent} */ event) => setText(event.target.value)} /></label>
      <p class="result-count num" role="status">${found.length === repos.length ? plural(repos.length, "repository", "repositories") : `${formatNumber(found.length)} of ${plural(repos.length, "repository", "repositories")}`}</p>
    </form>
    ${found.length === 0 && html`<p class="muted empty-line">No repository has that in its name.</p>`}
    ${asking}
    <ul class="repos" role="list" ref=${list}>${found.map((one, index) => html`<${RepoRow} key=${`${one.owner}/${one.repo}`} one=${one} trend=${trendOf(one)} onSeen=${seenAt(index)} />`)}</ul>
    ${repos.length >= MOST && html`<p class="muted">These are the ${formatNumber(MOST)} with the latest activity. <a href="/feed">The feed</a> has the runs of all.</p>`}
  </div>`;
}
