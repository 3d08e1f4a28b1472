// The webhook log: what arrived, what became of it and why.
import { eventWord } from "../status.js";
import { oneLine, visible } from "../format.js";
import { query, runPath } from "../links.js";
import { usePoll } from "../poll.js";
import { useSignedIn } from "../session.js";
import { html, useState } from "../view.js";
import { Badge } from "./badge.js";
import { Failure, Loading, Notice, Stale } from "./notice.js";
import { Time } from "./time.js";
import { TokenField } from "./token-field.js";

/** @param {{write: string, delivery: string}} props write: the server's access.write; delivery: which one is looked for */
export function Deliveries({ write, delivery }) {
  const signedIn = useSignedIn();
  if (write === "closed") return html`<${Notice} title="Closed"><p>Set <code>CI_API_TOKEN</code> on the server to read deliveries.</p><//>`;
  return html`<div>
    ${write === "token" && html`<${TokenField} />`}
    ${write === "open" || signedIn ? html`<${Log} key=${delivery} delivery=${delivery} />` : html`<p class="muted">Deliveries may name private repositories, so reading them needs the token.</p>`}
  </div>`;
}

/** @param {{delivery: string}} props */
function Log({ delivery }) {
  const [text, setText] = useState(delivery);
  const wanted = text.trim().toLowerCase();
  // A whole id is looked for among all deliveries, anything else among the newest.
  const id = /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(wanted) ? wanted : "";
  /** @type {Polled<Api.DeliveryLog>} */
  const polled = usePoll(`/api/ci/deliveries${query(id === "" ? { limit: 100 } : { delivery_id: id })}`);
  return html`<div>
    <${Stale} polled=${polled} />
    <label class="field field-search"><span class="field-label">Find by delivery id, repository or outcome</span>
      <input type="search" data-search autocomplete="off" spellcheck="false" value=${text} onInput=${(/** @type {FieldEvent} */ event) => setText(event.target.value)} /></label>
    <${Found} polled=${polled} wanted=${wanted} id=${id} />
  </div>`;
}

/** @param {{polled: Polled<Api.DeliveryLog>, wanted: string, id: string}} props */
function Found({ polled, wanted, id }) {
  if (polled.data === null) {
    return polled.error ? html`<${Failure} error=${polled.error} refresh=${polled.refresh} what="The deliveries" />` : html`<${Loading} label="Loading deliveries" />`;
  }
  const all = polled.data.deliveries;
  const found = wanted === "" ? all : all.filter((one) => `${one.delivery_id} ${one.repo ?? ""} ${one.outcome}`.toLowerCase().includes(wanted));
  return html`<div>
    ${found.length === 0
      ? html`<p class="muted empty-line">${id !== "" ? "No delivery has this id." : all.length === 0 ? "No delivery has arrived yet." : "No delivery matches among the newest 100; a whole id is looked for among all."}</p>`
      : html`<div class="scroll-x" tabindex="0" role="region" aria-label="Deliveries"><table class="data deliveries">
        <thead><tr><th scope="col">Outcome</th><th scope="col">Received</th><th scope="col">Event</th><th scope="col">Repository</th><th scope="col">Reason</th><th scope="col">Delivery id</th></tr></thead>
        <tbody>${found.map((one) => html`<tr key=${one.delivery_id}>
          <td><${Badge} of="outcome" value=${one.outcome} /></td><td><${Time} at=${one.received_at} /></td>
          <td>${eventWord(one.event)}${one.action ? ` ${oneLine(one.action)}` : ""}</td><td><bdi>${oneLine(one.repo ?? "–")}</bdi></td>
          <td class="reason">${one.run_id ? html`<a href=${runPath(one.run_id)}>Run</a>${one.reason ? " " : ""}` : ""}<bdi>${oneLine(one.reason ?? "")}</bdi></td>
          <td><code>${visible(one.delivery_id)}</code></td></tr>`)}</tbody></table></div>`}
  </div>`;
}
