// What one box found, as a page with its own address.
import { formatNumber, oneLine, visible } from "../format.js";
import { groupsOf, lookedAt, PREFIXES, searchApi } from "../found.js";
import { searchPath } from "../links.js";
import { Badge } from "../parts/badge.js";
import { Failure, Loading, Notice } from "../parts/notice.js";
import { usePoll } from "../poll.js";
import { navigate } from "../router.js";
import { useMayWrite } from "../session.js";
import { setTitle } from "../title.js";
import { html, useEffect, useState } from "../view.js";

/** @typedef {import("../found.js").Hit} Hit */

/** @param {{route: import("../links.js").RouteOf<"search">}} props */
export function SearchPage({ route }) {
  const { q } = route;
  const [text, setText] = useState(q);
  /** @type {Polled<Found>} */
  const polled = usePoll(q === "" ? null : searchApi(q), { isFinal: () => true });
  useEffect(() => setText(q), [q]);
  useEffect(() => setTitle(q === "" ? "Search" : `${oneLine(q)} · Search`), [q]);

  /** @param {Event} event */
  function submit(event) {
    event.preventDefault();
    navigate(searchPath(text.trim()));
  }

  return html`<div class="page"><h1>Search</h1>
    <form class="filters filters-inline" role="search" aria-label="Search everything" onSubmit=${submit}>
      <label class="field field-grow"><span class="field-label">Commit, run, delivery, repository, branch, title, or fact</span>
        <input type="search" data-search autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="200" value=${text}
          onInput=${(/** @type {FieldEvent} */ event) => setText(event.target.value)} /></label>
      <button type="submit" class="button">Search</button>
    </form>
    ${q === "" ? html`<${Ways} />` : html`<${Answer} q=${q} polled=${polled} />`}
  </div>`;
}

function Ways() {
  return html`<p>Begin with what it is to look for that only:</p>
    <dl class="rows">${PREFIXES.map(({ start, words }) => html`<div key=${start}><dt><code>${start}</code></dt><dd>${words}</dd></div>`)}</dl>`;
}

/** @param {{q: string, polled: Polled<Found>}} props */
function Answer({ q, polled }) {
  const withDeliveries = useMayWrite(true);
  if (polled.error?.status === 400) return html`<${Notice} tone="bad" icon="warning" alert=${true} title="This cannot be looked for"><p>${visible(polled.error.message)}</p><//>`;
  if (polled.data === null) {
    return polled.error ? html`<${Failure} error=${polled.error} refresh=${polled.refresh} what="The search" />` : html`<${Loading} label="Searching" />`;
  }
  const groups = groupsOf(polled.data, q);
  if (groups.length === 0) return html`<${Notice} title=${`Nothing found for “${oneLine(q)}”`}><p>${lookedAt(q, withDeliveries)}</p><//>`;
  return html`<div class="found">
    ${polled.data.truncated && html`<p class="muted">There are more than these: write more of it, or begin with what it is (env:, endpoint:, host:, dep:, table:).</p>`}
    ${groups.map(({ title, hits, more }) => html`<section key=${title} aria-label=${title}>
      <h2>${title} <span class="tab-count num">${formatNumber(hits.length)}</span></h2>
      <ul class="repos" role="list">${hits.map((hit, index) => html`<${Row} key=${index} hit=${hit} />`)}</ul>
      ${more !== undefined && html`<p class="found-more"><a href=${more}>Only ${title.toLowerCase()}</a></p>`}</section>`)}
  </div>`;
}

/** @param {{hit: Hit}} props */
function Row({ hit }) {
  return html`<li class="found-row" data-row>
    ${hit.badge && html`<${Badge} of=${hit.badge.of} value=${hit.badge.value} />`}
    <a class="repo-link" href=${hit.href}>${hit.isCode ? html`<code><bdi>${hit.name}</bdi></code>` : html`<bdi>${hit.name}</bdi>`}</a>
    <span class="muted"><bdi>${hit.where}</bdi></span></li>`;
}
