// @ts-check
// The webhook log: what arrived, what became of it and why.
import { hasToken } from "../api.js";
import { eventWord } from "../status.js";
import { oneLine, visible } from "../format.js";
import { runPath } from "../links.js";
import { usePoll } from "../poll.js";
import { list } from "../summary.js";
import { html, useState } from "../view.js";
import { Badge } from "./badge.js";
import { Failure, Loading, Notice, Stale } from "./notice.js";
import { Time } from "./time.js";
import { TokenField } from "./token-field.js";

/** @param {{write: string}} props the server's access.write */
export function Deliveries({ write }) {
  const [allowed, setAllowed] = useState(write === "open" || hasToken());
  const refresh = () => setAllowed(write === "open" || hasToken());
  if (write === "closed") return html`<${Notice} title="Closed"><p>Set <code>CI_API_TOKEN</code> on the server to read deliveries.</p><//>`;
  return html`<div>
    ${write === "token" && html`<${TokenField} onChange=${refresh} />`}
    ${allowed ? html`<${Log} />` : html`<p class="muted">Deliveries may name private repositories, so reading them needs the token.</p>`}
  </div>`;
}

function Log() {
  const [text, setText] = useState("");
  const polled = usePoll("/api/ci/deliveries?limit=100");
  if (polled.data === null) {
    return polled.error ? html`<${Failure} error=${polled.error} refresh=${polled.refresh} what="The deliveries" />` : html`<${Loading} label="Loading deliveries" />`;
  }
  const all = list(polled.data.deliveries);
  const wanted = text.trim().toLowerCase();
  const found = wanted === "" ? all : all.filter((one) => `${one.delivery_id} ${one.repo ?? ""} ${one.outcome}`.toLowerCase().includes(wanted));
  return html`<div>
    <${Stale} polled=${polled} />
    <label class="field field-search"><span class="field-label">Find by delivery id, repository or outcome</span>
      <input type="search" autocomplete="off" spellcheck="false" value=${text} onInput=${(/** @type {any} */ event) => setText(event.target.value)} /></label>
    ${found.length === 0
      ? html`<p class="muted empty-line">${all.length === 0 ? "No delivery has arrived yet." : "No delivery matches among the newest 100."}</p>`
      : html`<div class="scroll-x" tabindex="0" role="region" aria-label="Deliveries"><table class="data deliveries">
        <thead><tr><th scope="col">Outcome</th><th scope="col">Received</th><th scope="col">Event</th><th scope="col">Repository</th><th scope="col">Reason</th><th scope="col">Delivery id</th></tr></thead>
        <tbody>${found.map((one, index) => html`<tr key=${one.delivery_id ?? index}>
          <td><${Badge} of="outcome" value=${one.outcome} /></td><td><${Time} at=${one.received_at} /></td>
          <td>${eventWord(one.event)}${one.action ? ` ${oneLine(one.action)}` : ""}</td><td><bdi>${oneLine(one.repo ?? "–")}</bdi></td>
          <td class="reason">${one.run_id ? html`<a href=${runPath(one.run_id)}>Run</a>${one.reason ? " " : ""}` : ""}<bdi>${oneLine(one.reason ?? "")}</bdi></td>
          <td><code>${visible(one.delivery_id)}</code></td></tr>`)}</tbody></table></div>`}
  </div>`;
}
