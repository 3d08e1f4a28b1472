// Why did the feed stop: the server's health in sentences and numbers.
import { problem } from "../api.js";
import { formatBytes, formatDuration, formatNumber, humanize, oneLine, visible } from "../format.js";
import { feedPath, runPath } from "../links.js";
import { Badge } from "../parts/badge.js";
import { Deliveries } from "../parts/deliveries.js";
import { Failure, Loading, Notice, Stale } from "../parts/notice.js";
import { RunList } from "../parts/run-list.js";
import { useRoom } from "../parts/slide.js";
import { Time } from "../parts/time.js";
import { usePoll } from "../poll.js";
import { deliveryWords, tickWords } from "../status.js";
import { tickNow } from "../ticker.js";
import { setTitle } from "../title.js";
import { html, useEffect, useState } from "../view.js";

/** @type {Record<string, string>} */
const DATABASES = { sqlite: "SQLite", postgres: "Postgres" };
const RUNNING = { status: "RUNNING" };
const QUEUED = { status: "QUEUED" };
/** Rows of each part of the queue. */
const QUEUE_ROWS = 50;

/** @param {{route: import("../links.js").RouteOf<"status">}} props */
export function StatusPage({ route }) {
  /** @type {Polled<Health>} */
  const polled = usePoll("/api/ci/health", { accept: [503], isActive: ({ jobs }) => jobs !== undefined && jobs.READY + jobs.LEASED > 0 });
  useEffect(() => setTitle("Status"), []);
  const health = polled.data;
  return html`<div class="page page-wide">
    <div class="page-head"><h1>Status</h1>${health && html`<${Badge} of="health" value=${health.status} />`}</div>
    <${Stale} polled=${polled} />
    ${health === null
      ? polled.error ? html`<${Failure} error=${polled.error} refresh=${polled.refresh} what="The server's health" />` : html`<${Loading} label="Loading the server's health" />`
      : html`<${Health} health=${health} />`}
    ${health && html`<section aria-labelledby="deliveries"><h2 id="deliveries">Webhook deliveries</h2>
      <${Deliveries} write=${health.access.write} delivery=${route.delivery} /></section>`}
  </div>`;
}

/** @param {{health: Health}} props */
function Health({ health }) {
  const { jobs, disk, sandbox, database, diagnosis } = health;
  // A server that answers well may still have a feed that stands still.
  const fine = health.ok && diagnosis.length === 0;
  const layers = Object.entries(sandbox.layers);
  const said = useRoom();
  return html`<div class="health">
    <div ref=${said}><${Notice} tone=${fine ? "good" : "bad"} icon=${fine ? "check" : "warning"} title=${fine ? "The feed is working" : "The feed needs attention"}>
      ${diagnosis.length > 0 ? html`<ul class="sentences">${diagnosis.map((one, index) => html`<li key=${index}>${oneLine(one)}</li>`)}</ul>` : html`<p>Nothing to report.</p>`}
      <${Remedies} health=${health} />
    <//></div>
    <h2>Queue</h2>
    <div><dl class="tiles">
      <${Tile} label="Waiting" value=${formatNumber(jobs?.READY)} />
      <${Tile} label="Being worked on" value=${formatNumber(jobs?.LEASED)} />
      <${Tile} label="Done" value=${formatNumber(jobs?.DONE)} />
      <${Tile} label="Given up" value=${formatNumber(jobs?.DEAD)} />
      <${Tile} label="Oldest waiting" value=${typeof health.oldest_ready_seconds === "number" ? formatDuration(health.oldest_ready_seconds * 1000, { live: true }) : "none"} />
    </dl></div>
    <div class="queue"><section class="queue-part" aria-labelledby="working"><h3 id="working">Being worked on</h3><${Queue} filter=${RUNNING} some=${(jobs?.LEASED ?? 0) > 0} none="Nothing right now." /></section>
      <section class="queue-part" aria-labelledby="waiting"><h3 id="waiting">Waiting</h3><${Queue} filter=${QUEUED} some=${(jobs?.READY ?? 0) > 0} none="Nothing waits." /></section></div>
    <h2>Signs of life</h2>
    <dl class="rows">
      <${Sign} label="Last tick" sign=${health.last_tick} words=${tickWords} none="Nobody has called tick yet. Keep a page open or add the cron line of the set-up page." />
      <${Sign} label="Last webhook" sign=${health.last_webhook} words=${deliveryWords} none="No delivery has arrived yet." />
      <${Sign} label="Last rejected webhook" sign=${health.last_rejected} none="None" />
      <div><dt>Last run</dt><dd>${health.last_run
        ? html`<${Time} at=${health.last_run.finished_at ?? health.last_run.created_at} /> <a href=${runPath(health.last_run.id)}><${Badge} of="run" value=${health.last_run.status} /></a>`
        : "None yet"}</dd></div>
    </dl>
    <h2>Server</h2>
    <dl class="rows">
      <div><dt>Version</dt><dd>${oneLine(health.version)}</dd></div>
      <div><dt>Database</dt><dd>${DATABASES[database.kind] ?? oneLine(database.kind)}${typeof database.latency_ms === "number" && html`, answers in <span class="num">${formatDuration(database.latency_ms)}</span>`}</dd></div>
      <div><dt>Disk, work folder</dt><dd class="num">${formatBytes(disk.tmp_free_bytes)} free${disk.low ? html` <strong class="text-bad">low</strong>` : ""}</dd></div>
      <div><dt>Disk, artifacts</dt><dd class="num">${formatBytes(disk.artifacts_free_bytes)} free</dd></div>
      <div><dt>Sandbox</dt><dd><ul class="layers">${layers.map(([name, on]) => html`<li key=${name}>${visible(humanize(name))}: <strong>${on ? "on" : "off"}</strong></li>`)}</ul></dd></div>
      <div><dt>Webhook secret</dt><dd>${oneLine(health.webhook_secret)}</dd></div>
      <div><dt>Access</dt><dd>reading ${oneLine(health.access.read)}, writing ${oneLine(health.access.write)}</dd></div>
    </dl>
  </div>`;
}

/**
 * A part of the queue, in a room of its own that stays whatever comes and goes.
 * @param {{filter: {status: string}, some: boolean, none: string}} props
 */
function Queue({ filter, some, none }) {
  const empty = html`<p class="muted">${none}</p>`;
  return html`<div class="queue-box" tabindex="0" role="region" aria-label=${filter.status === "QUEUED" ? "Waiting runs" : "Runs that are worked on"}>${some ? html`<${RunList} filter=${filter} few=${QUEUE_ROWS} empty=${empty} />` : empty}</div>`;
}

/** What can be done about it from here. @param {{health: Health}} props */
function Remedies({ health }) {
  const { jobs, last_run: run, last_webhook: seen, last_rejected: rejected } = health;
  const waits = (jobs?.READY ?? 0) > 0;
  const failed = run?.status === "FAILED";
  const hook = health.webhook_secret !== "set" || !seen || (rejected && Date.parse(rejected.at) > Date.parse(seen.at));
  if (!waits && !failed && !hook) return null;
  return html`<p class="remedies">
    ${waits && html`<${RunNext} />`}
    ${failed && html`<a class="button" href=${feedPath({ status: "FAILED" })}>Failed runs</a>`}
    ${hook && html`<a class="button" href="/setup">Set up the webhook</a>`}
  </p>`;
}

function RunNext() {
  const [state, setState] = useState({ busy: false, error: /** @type {Problem | null} */ (null) });
  async function run() {
    setState({ busy: true, error: null });
    let error = null;
    await tickNow().catch((cause) => void (error = problem(cause)));
    setState({ busy: false, error });
  }
  return html`<button type="button" class="button button-primary" disabled=${state.busy} onClick=${run}>Run next now</button>
    ${state.error && html`<span class="text-bad" role="alert">${oneLine(state.error.message)}</span>`}`;
}

/** @param {{label: string, value: string}} props */
function Tile({ label, value }) {
  return html`<div class="tile"><dt>${label}</dt><dd class="num">${value}</dd></div>`;
}

/** @param {{label: string, sign: Signal | null | undefined, none: string, words?: (detail: unknown) => string}} props */
function Sign({ label, sign, none, words = oneLine }) {
  return html`<div><dt>${label}</dt><dd>${sign
    ? html`<${Time} at=${sign.at} />${sign.detail && html` <bdi>${words(sign.detail)}</bdi>`}`
    : html`<span class="muted">${none}</span>`}</dd></div>`;
}
