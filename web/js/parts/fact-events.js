// Since when a fact is there: what added, changed and removed it, newest first.
import { getJson, problem } from "../api.js";
import { attribute, brief, humanize, shortSha, visible } from "../format.js";
import { commitLink, runPath } from "../links.js";
import { object } from "../summary.js";
import { html, useState } from "../view.js";
import { Badge } from "./badge.js";
import { Icon } from "./icon.js";
import { Time } from "./time.js";

/** @param {{address: string, history: FactHistory, forge: string | null}} props address: of the newest events */
export function FactEvents({ address, history, forge }) {
  const { head } = history;
  const [older, setOlder] = useState({ events: /** @type {FactEvent[]} */ ([]), next: history.next, loading: false, error: /** @type {Problem | null} */ (null) });
  const events = [...history.events, ...older.events];

  async function loadOlder() {
    setOlder({ ...older, loading: true, error: null });
    try {
      /** @type {FactHistory} */
      const page = await getJson(`${address}&before=${older.next}`, { keep: false });
      setOlder({ events: [...older.events, ...page.events], next: page.next, loading: false, error: null });
    } catch (error) {
      setOlder({ ...older, loading: false, error: problem(error) });
    }
  }

  return html`<section aria-labelledby="events"><h2 id="events">History</h2>
    <ol class="history">
      ${events.map((one) => html`<${Row} key=${`${one.run_id} ${one.change}`} one=${one} forge=${forge} />`)}
      ${older.next === null && events.at(-1)?.change !== "added" && head.since_sha !== null && html`<li class="history-row muted"><span>
        ${events.length === 0 && history.fact === null ? "It was not there at any commit since the history of this repository began:" : "It was there when the history of this repository began:"}
        ${" "}<${At} forge=${forge} sha=${head.since_sha} />, <${Time} at=${head.since_at} /></span></li>`}
    </ol>
    ${older.next !== null && html`<div class="more"><button type="button" class="button" disabled=${older.loading} onClick=${loadOlder}>${older.loading ? "Loading…" : "Show what was before"}</button>
      ${older.error && html`<p class="text-bad" role="alert">${visible(older.error.message)}</p>`}</div>`}
  </section>`;
}

/** @param {{one: FactEvent, forge: string | null}} props */
function Row({ one, forge }) {
  const changes = changesOf(object(one.attrs_before), object(one.attrs_after));
  return html`<li class="history-row" data-row><div class="history-what"><div class="fact-main"><${Badge} of="change" value=${one.change} />
      <${At} forge=${forge} sha=${one.commit_sha} /><a href=${runPath(one.run_id)}>Run</a>
      ${one.by_rules && html`<span class="muted">Another version of the analyzer made the dossier before, so this may come from its rules.</span>`}</div>
    ${changes.length > 0 && html`<dl class="attrs drift">${changes.map(({ name, before, after }) => html`<div key=${name}><dt>${visible(humanize(name))}</dt>
      <dd>${before !== undefined && html`<del><bdi>${before}</bdi></del> `}${after !== undefined && html`<ins><bdi>${after}</bdi></ins>`}</dd></div>`)}</dl>`}</div>
    <${Time} at=${one.at} /></li>`;
}

/**
 * The attributes that differ; one side is undefined where there is none.
 * @param {Foreign} before
 * @param {Foreign} after
 */
function changesOf(before, after) {
  const words = (/** @type {unknown} */ value) => (value === undefined || value === null || (Array.isArray(value) && value.length === 0) ? undefined : brief(attribute(value)));
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.map((name) => ({ name, before: words(before[name]), after: words(after[name]) })).filter((one) => one.before !== one.after);
}

/** @param {{forge: string | null, sha: string}} props */
function At({ forge, sha }) {
  const link = commitLink(forge, sha);
  const code = html`<code class="sha">${shortSha(sha)}</code>`;
  return link === null ? code : html`<a class="forge" href=${link} rel="noopener noreferrer" aria-label=${`Commit ${shortSha(sha)} on the forge`}>${code}<${Icon} name="external" /></a>`;
}
