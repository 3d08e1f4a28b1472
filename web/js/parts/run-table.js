// The runs as a table that folds into cards on narrow screens; roles are written
// out because a folded table loses its own.
import { html } from "../view.js";
import { RunRow } from "./run-row.js";
import { useSlide } from "./slide.js";

/** @param {{runs: Run[], showRepo: boolean, fresh: Set<string>, label: string, typical: number | null, onCancel: (() => void) | null}} props */
export function RunTable({ runs, showRepo, fresh, label, typical, onCancel }) {
  const body = useSlide(runs.map((run) => run.id));
  return html`<table class="runs" role="table" aria-label=${label}>
    <thead role="rowgroup"><tr role="row">
      <th scope="col" role="columnheader" class="run-status">Status</th>
      <th scope="col" role="columnheader">Commit</th>
      <th scope="col" role="columnheader" class="run-where">${showRepo ? "Repository and ref" : "Ref"}</th>
      <th scope="col" role="columnheader" class="run-when">Created, duration</th>
      <th scope="col" role="columnheader" class="run-open"><span class="sr-only">Dossier</span></th>
    </tr></thead>
    <tbody role="rowgroup" ref=${body}>
      ${runs.map((run) => html`<${RunRow} key=${run.id} run=${run} showRepo=${showRepo} isNew=${fresh.has(run.id)} typical=${typical} onCancel=${onCancel} />`)}
    </tbody>
  </table>`;
}
