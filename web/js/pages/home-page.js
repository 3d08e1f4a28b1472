// The repositories: how each stands, latest activity first. One alone is shown whole.
import { formatNumber, oneLine, plural, visible } from "../format.js";
import { repoPath } from "../links.js";
import { Badge } from "../parts/badge.js";
import { Failure, Loading, Stale } from "../parts/notice.js";
import { RunDetail } from "../parts/run-row.js";
import { Time } from "../parts/time.js";
import { Welcome } from "../parts/welcome.js";
import { usePoll } from "../poll.js";
import { navigate } from "../router.js";
import { isActive } from "../status.js";
import { hintWork } from "../ticker.js";
import { setTitle } from "../title.js";
import { html, useEffect, useState } from "../view.js";
import { RepoPage } from "./repo-page.js";

/** As many as the server tells at once. */
const MOST = 500;

export function HomePage() {
  /** @type {Polled<Api.Repos>} */
  const polled = usePoll("/api/ci/repos", { isActive: (data) => data.repos.some((one) => isActive(one.latest)) });
  const repos = polled.data?.repos ?? null;
  const one = repos?.length === 1 ? repos[0] : null;
  const active = repos?.filter((repo) => isActive(repo.latest)).length ?? 0;
  useEffect(() => {
    // One repository's page says its own.
    if (repos === null || one !== null) return;
    setTitle("Repositories", active, repos[0]?.latest.status);
    hintWork(active > 0);
  }, [repos]);

  if (repos === null) {
    return html`<div class="page"><h1>Repositories</h1>
      ${polled.error ? html`<${Failure} error=${polled.error} refresh=${polled.refresh} what="The list of repositories" />` : html`<${Loading} label="Loading the repositories" />`}</div>`;
  }
  if (one !== null) return html`<${RepoPage} route=${{ page: "repo", owner: one.owner, repo: one.repo, ref: "" }} />`;
  return html`<div class="page"><h1>Repositories</h1><${Stale} polled=${polled} />
    ${repos.length === 0 ? html`<${Welcome} />` : html`<${Repositories} repos=${repos} />`}</div>`;
}

/** @param {{repos: Repo[]}} props */
function Repositories({ repos }) {
  const [text, setText] = useState("");
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = repos.filter((one) => words.every((word) => `${one.owner}/${one.repo}`.toLowerCase().includes(word)));

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
    <ul class="repos" role="list">${found.map((one) => html`<${Row} key=${`${one.owner}/${one.repo}`} one=${one} />`)}</ul>
    ${repos.length >= MOST && html`<p class="muted">These are the ${formatNumber(MOST)} with the latest activity. <a href="/feed">The feed</a> has the runs of all.</p>`}
  </div>`;
}

/** @param {{one: Repo}} props */
function Row({ one }) {
  const { latest } = one;
  return html`<li class="repo-row" data-row>
    <div class="repo-name"><a class="repo-link" href=${repoPath(one.owner, one.repo)}><bdi>${visible(one.repo)}</bdi></a>
      <span class="muted"><bdi>${visible(one.owner)}</bdi></span></div>
    <div class="repo-latest"><${Badge} of="run" value=${latest.status} />
      <span class="repo-title"><bdi>${oneLine(latest.title)}</bdi></span>
      <span class="muted repo-ref"><bdi>${latest.pr_number == null ? oneLine(latest.ref) : `#${latest.pr_number}`}</bdi></span>
      <${Time} at=${latest.created_at} /></div>
    <${RunDetail} run=${latest} />
  </li>`;
}
