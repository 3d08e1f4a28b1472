// The runs as a table with a heading for each day; it folds into cards on narrow screens, and roles are written out
// because a folded table loses its own.
import { serverNow } from "../api.js";
import { useClock } from "../clock.js";
import { byDay, dayOf } from "../days.js";
import { html } from "../view.js";
import { RunRow } from "./run-row.js";
import { useSlide } from "./slide.js";

/** @param {{runs: Run[], showRepo: boolean, fresh: Set<string>, label: string, typical: number | null, onCancel: (() => void) | null}} props */
export function RunTable({ runs, showRepo, fresh, label, typical, onCancel }) {
  // Drawn anew when another day begins.
  useClock((now) => dayOf(runs[0]?.created_at, now), [runs[0]?.created_at]);
  const rows = byDay(runs, serverNow());
  const body = useSlide(rows.map((row) => ("run" in row ? row.run.id : row.key)));
  return html`<table class="runs" role="table" aria-label=${label}>
    <thead role="rowgroup"><tr role="row">
      <th scope="col" role="columnheader" class="run-status">Status</th>
      <th scope="col" role="columnheader">Commit</th>
      <th scope="col" role="columnheader" class="run-where">${showRepo ? "Repository and ref" : "Ref"}</th>
      <th scope="col" role="columnheader" class="run-when">Created, duration</th>
    </tr></thead>
    <tbody role="rowgroup" ref=${body}>
      ${rows.map((row) => ("run" in row
        ? html`<${RunRow} key=${row.run.id} run=${row.run} showRepo=${showRepo} isNew=${fresh.has(row.run.id)} typical=${typical} onCancel=${onCancel} />`
        : html`<tr class="day" role="row" key=${row.key}><th scope="rowgroup" role="rowheader" colspan="4" aria-colspan="4">${row.day}</th></tr>`))}
    </tbody>
  </table>`;
}
