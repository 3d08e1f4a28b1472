// Which branch a repository's page is of; it stands in the address.
import { oneLine } from "../format.js";
import { html } from "../view.js";

/** @param {{gitRef: string, branches: string[], onRef: (gitRef: string) => void}} props
 *   gitRef: empty while nobody said which the default branch is */
export function BranchSwitch({ gitRef, branches, onRef }) {
  const names = gitRef === "" ? ["", ...branches] : [...new Set([gitRef, ...branches])];
  return html`<label class="field field-row"><span class="field-label">Branch</span>
    <select value=${gitRef} onChange=${(/** @type {FieldEvent} */ event) => onRef(event.target.value)}>
      ${names.map((name) => html`<option key=${name} value=${name} selected=${name === gitRef}>${name === "" ? "All branches" : oneLine(name)}</option>`)}
    </select></label>`;
}
