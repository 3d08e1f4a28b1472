// How to connect a repository, with this server's real values.
import { Copy } from "../parts/copy.js";
import { EnqueueForm } from "../parts/enqueue-form.js";
import { Icon } from "../parts/icon.js";
import { Failure, Loading, Stale } from "../parts/notice.js";
import { Time } from "../parts/time.js";
import { hookLink, webAddress } from "../links.js";
import { oneLine } from "../format.js";
import { usePoll } from "../poll.js";
import { deliveryWords } from "../status.js";
import { setTitle } from "../title.js";
import { html, useEffect, useState } from "../view.js";

export function SetupPage() {
  /** @type {Polled<Health>} */
  const polled = usePoll("/api/ci/health", { accept: [503], isActive: (data) => !data.last_webhook });
  useEffect(() => setTitle("Set-up"), []);
  const health = polled.data;
  const ready = health !== null;
  useEffect(() => {
    if (ready && location.hash.length > 1) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }, [ready]);

  return html`<div class="page page-read">
    <h1>Set-up</h1>
    <${Stale} polled=${polled} />
    ${health === null
      ? polled.error ? html`<${Failure} error=${polled.error} refresh=${polled.refresh} what="This server's settings" />` : html`<${Loading} label="Loading this server's settings" />`
      : html`<${Steps} health=${health} />`}
  </div>`;
}

/** @param {{health: Health}} props */
function Steps({ health }) {
  const base = webAddress(health.public_url) ?? location.origin;
  const local = /^https?:\/\/(localhost|127\.|\[::1\])/.test(base);
  const secret = health.webhook_secret === "set";
  return html`<div class="setup">
    <section aria-labelledby="webhook">
      <h2 id="webhook">1. Add the webhook on GitHub</h2>
      <${HookPage} forge=${webAddress(health.forge_url)} />
      <p>Fill in:</p>
      <dl class="setting-list">
        <div><dt>Payload URL</dt><dd><${Copy} value=${`${base}/api/webhooks/github`} label="payload URL" />
          ${local && html`<p class="field-help">GitHub cannot reach this address. Set <code>CI_PUBLIC_URL</code> to the address under which the server is reachable from outside.</p>`}</dd></div>
        <div><dt>Content type</dt><dd><${Copy} value="application/json" label="content type" /></dd></div>
        <div><dt>Secret</dt><dd><p class=${`state tone-${secret ? "good" : "bad"}`}><${Icon} name=${secret ? "check" : "cross"} />
          ${secret ? "Set on this server" : "Not set on this server"}</p>
          <p class="field-help">${secret
            ? html`Use the same value as <code>GITHUB_WEBHOOK_SECRET</code>. It is never shown here.`
            : html`Set <code>GITHUB_WEBHOOK_SECRET</code> and restart the server. Until then every delivery is refused.`}</p>
          ${!secret && html`<${NewSecret} />`}</dd></div>
        <div><dt>Events</dt><dd><p>Let me select individual events: <strong>Pushes</strong> and <strong>Pull requests</strong>, nothing else.</p></dd></div>
      </dl>
    </section>
    <section aria-labelledby="ping">
      <h2 id="ping">2. Wait for the first ping</h2>
      <${Ping} health=${health} />
    </section>
    <section aria-labelledby="cron">
      <h2 id="cron">3. Keep the queue moving while nobody looks</h2>
      <p>An open page drives the queue. For the rest of the day, one line of cron does the same:</p>
      <${Copy} value=${`* * * * * curl -fsS -m 300 -X POST ${base}/api/ci/worker/tick >/dev/null`} label="cron line" />
    </section>
    <section aria-labelledby="enqueue">
      <h2 id="enqueue">Enqueue a commit by hand</h2>
      <p>For a first look without a push. The server must be able to read the repository.</p>
      <${EnqueueForm} write=${health.access.write} />
    </section>
  </div>`;
}

/** Leads to the form at the forge. @param {{forge: string | null}} props */
function HookPage({ forge }) {
  const [name, setName] = useState("");
  const link = hookLink(forge, name);
  if (forge === null) return html`<p>In the repository (or the organisation): Settings → Webhooks → Add webhook.</p>`;
  return html`<div class="hook-page">
    <label class="field"><span class="field-label">Repository (or organisation)</span>
      <input type="text" name="hook" placeholder="octo-org/octo-repo" autocomplete="off" autocapitalize="off" spellcheck="false" value=${name}
        onInput=${(/** @type {FieldEvent} */ event) => setName(event.target.value)} /></label>
    ${link === null
      ? html`<p class="field-help">In its Settings → Webhooks → Add webhook. With the name, its address stands here.</p>`
      : html`<p><a href=${link} target="_blank" rel="noopener noreferrer">Add the webhook to ${oneLine(name)}</a></p>`}
  </div>`;
}

/** Made here and sent nowhere. */
function NewSecret() {
  const [made, setMade] = useState("");
  function make() {
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    setMade(Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(""));
  }
  return html`<div role="status">${made === ""
    ? html`<button type="button" class="button" onClick=${make}>Make a secret</button>`
    : html`<${Copy} value=${made} label="new secret" /><p class="field-help">Made in this page and sent nowhere: set it on the server and at GitHub, then leave this page.</p>`}</div>`;
}

/** @param {{health: Health}} props */
function Ping({ health }) {
  const seen = health.last_webhook;
  const rejected = health.last_rejected;
  const works = seen && !(rejected && Date.parse(rejected.at) > Date.parse(seen.at));
  return html`<div role="status">
    ${seen && !works && html`<p class="state state-large tone-wait"><${Icon} name="warning" /><span>The webhook worked at first, but the last delivery was rejected. Last accepted: <${Time} at=${seen.at} /></span></p>`}
    ${works
      ? html`<p class="state state-large tone-good"><${Icon} name="check" /><span>The webhook works. Last delivery${seen.detail && html` (<bdi>${deliveryWords(seen.detail)}</bdi>)`}: <${Time} at=${seen.at} /></span></p>`
      : !seen && html`<p class="state state-large tone-wait"><${Icon} name="running" /><span>Waiting for the first ping. GitHub sends it as soon as the webhook is saved.</span></p>`}
    ${rejected && html`<p class="state state-large tone-bad"><${Icon} name="cross" /><span>Last rejected delivery: <bdi>${oneLine(rejected.detail ?? "no reason recorded")}</bdi>, <${Time} at=${rejected.at} /></span></p>`}
  </div>`;
}
