// The feed: every repository or one.
import { repoPath } from "../links.js";
import { visible } from "../format.js";
import { Filters } from "../parts/filters.js";
import { Notice } from "../parts/notice.js";
import { RunList } from "../parts/run-list.js";
import { Welcome } from "../parts/welcome.js";
import { countActive } from "../status.js";
import { setTitle } from "../title.js";
import { html } from "../view.js";

/** @param {{route: import("../links.js").RouteOf<"feed">}} props */
export function FeedPage({ route }) {
  const one = route.owner !== "" && route.repo !== "";
  const heading = one ? `${visible(route.owner)}/${visible(route.repo)}` : "Feed";
  const filtered = route.owner !== "" || route.repo !== "" || route.ref !== "" || route.pr !== "" || route.status !== "";
  const empty = filtered
    ? html`<${Notice} title="No run matches these filters"><p><a href="/feed">Show all runs</a>, or wait: a matching run appears here by itself.</p><//>`
    : html`<${Welcome} />`;
  return html`<div class="page page-wide">
    <div class="page-head">
      <h1>${one ? html`<bdi>${heading}</bdi>` : heading}</h1>
      ${one && html`<a href=${repoPath(route.owner, route.repo)}>Repository page</a>`}
    </div>
    <${Filters} route=${route} />
    <${RunList} filter=${{ owner: route.owner, repo: route.repo, ref: route.ref, pr: route.pr, status: route.status }} empty=${empty}
      onRuns=${(/** @type {Run[]} */ runs) => setTitle(heading, countActive(runs), runs[0]?.status)} />
  </div>`;
}
