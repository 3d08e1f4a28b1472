// A badge for a README: what it shows, how it looks now, the text to copy.
import { metricName, oneLine } from "../format.js";
import { badgePath, repoPath } from "../links.js";
import { html, useState } from "../view.js";
import { Copy } from "./copy.js";

const METRICS = [["status", "Status of the newest run"], ["drift", "Drift of the latest dossier"], ...["dci", "rci"].map((name) => [name, metricName(name)])];

/** How documents write a picture that leads somewhere. @type {Array<[string, (words: string, picture: string, page: string) => string]>} */
const FORMS = [
  ["Markdown", (words, picture, page) => `[![${words}](${picture})](${page})`],
  ["HTML", (words, picture, page) => `<a href="${page}"><img src="${picture.replaceAll("&", "&amp;")}" alt="${words}"></a>`],
  ["AsciiDoc", (words, picture, page) => `image:${picture}[${words},link=${page}]`],
];

/** @param {{owner: string, repo: string, gitRef: string, base: string, turn: string}} props
 *   base: this server's address; turn: changes when a badge may have */
export function BadgeSnippet({ owner, repo, gitRef, base, turn }) {
  const [metric, setMetric] = useState("status");
  const [form, setForm] = useState(0);
  const address = `${base}${badgePath(owner, repo, { ref: gitRef, metric })}`;
  const page = `${base}${repoPath(owner, repo)}`;
  const words = `${metric === "status" ? "dossier" : metric} of ${oneLine(owner)}/${oneLine(repo)}`;
  return html`<section aria-labelledby="badge"><h2 id="badge">Badge</h2>
    <div class="badge-line">
      <label class="field field-row"><span class="field-label">Shows</span>
        <select value=${metric} onChange=${(/** @type {FieldEvent} */ event) => setMetric(event.target.value)}>
          ${METRICS.map(([name, label]) => html`<option key=${name} value=${name} selected=${name === metric}>${label}</option>`)}
        </select></label>
      <label class="field field-row"><span class="field-label">As</span>
        <select value=${form} onChange=${(/** @type {FieldEvent} */ event) => setForm(Number(event.target.value))}>
          ${FORMS.map(([name], index) => html`<option key=${name} value=${index} selected=${index === form}>${name}</option>`)}
        </select></label>
      <img class="badge-preview" key=${`${metric} ${gitRef} ${turn}`} src=${badgePath(owner, repo, { ref: gitRef, metric })} alt=${`Badge: ${words}`} width="170" height="20" />
      <span class="muted">${gitRef === "" ? "of every branch" : html`of <code><bdi>${oneLine(gitRef)}</bdi></code>`}</span>
    </div>
    <${Copy} value=${FORMS[form][1](words, address, page)} label=${`badge as ${FORMS[form][0]}`} />
    <p class="field-help">When a newer run failed the badge says <em>stale</em>; private repositories have a badge only for those who may read them.</p>
  </section>`;
}
