// How much of the tree was read: languages as a bar, and by folder how much was read and what was not, and why.
import { unread } from "../folders.js";
import { formatNumber, humanize, oneLine, plural, visible } from "../format.js";
import { lineLink } from "../links.js";
import { number, object, sortedCounts } from "../summary.js";
import { html } from "../view.js";
import { useMore } from "./more.js";
import { Notice } from "./notice.js";

const WIDTH = 1000;
/** Languages with a colour of their own; the others share one. */
const COLOURS = 5;

/** @param {{run: Run, dossier: Foreign, left?: number}} props left: files that were not read and are not named here */
export function Coverage({ run, dossier, left = 0 }) {
  const coverage = object(dossier.coverage);
  const analyzer = object(dossier.analyzer);
  const subject = object(dossier.subject);
  return html`<div class="coverage">
    <h2 class="sr-only">Coverage</h2>
    ${coverage.partial === true && html`<${Notice} tone="wait" icon="warning" title="Partial"><p>Limits were reached before everything was read. What is missing here may still be in the repository.</p><//>`}
    <p class="coverage-sum"><strong class="num">${formatNumber(coverage.analyzed)}</strong> of <strong class="num">${formatNumber(coverage.files_seen)}</strong> files were read by a rule.</p>
    <${Languages} languages=${coverage.languages} />
    <div class="columns">
      <${Folders} run=${run} coverage=${coverage} left=${left} />
      <div>
        <${Counts} title="Languages without rules" note="lines" counts=${coverage.unsupported_languages} />
        <${Counts} title="Files by what they are" note="files" counts=${coverage.by_class} />
      </div>
    </div>
    <p class="muted made-by">Made by ${oneLine(analyzer.name ?? "an unnamed analyzer")} ${oneLine(analyzer.version ?? "")}${analyzer.rules_digest && html`, rules <code class="wrap">${visible(analyzer.rules_digest)}</code>`}${subject.tree && html`, of the tree <code class="wrap">${visible(subject.tree)}</code>`}.</p>
  </div>`;
}

/**
 * Languages come as `{name: {files, lines, ...}}`, `{name: files}` or a list.
 * @param {unknown} languages
 * @returns {Foreign[]}
 */
function languageRows(languages) {
  if (Array.isArray(languages)) return languages.map((one) => (typeof one === "string" ? { name: one } : object(one)));
  return Object.entries(object(languages)).map(([name, value]) => (typeof value === "number" ? { name, files: value } : { name, ...object(value) }));
}

/** @param {Foreign} row */
const size = (row) => Math.max(0, number(row.lines ?? row.files) ?? 0);

/** @param {{languages: unknown}} props */
function Languages({ languages }) {
  const rows = languageRows(languages).sort((a, b) => size(b) - size(a));
  const all = rows.reduce((sum, row) => sum + size(row), 0);
  if (rows.length === 0) return null;
  let x = 0;
  const parts = rows.map((row, index) => {
    const width = all === 0 ? 0 : (WIDTH * size(row)) / all;
    const part = { x, width, colour: languageClass(index) };
    x += width;
    return part;
  });
  return html`<section><h3 id="languages">Languages</h3>
    <svg class="language-bar" viewBox=${`0 0 ${WIDTH} 10`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
      ${parts.map((part, index) => html`<rect key=${index} class=${part.colour} x=${part.x} y="0" width=${Math.max(0, part.width - 2)} height="10" />`)}</svg>
    <div class="scroll-x" tabindex="0" role="region" aria-labelledby="languages"><table class="data languages">
      <thead><tr><th scope="col">Language</th><th scope="col" class="align-right">Share</th><th scope="col" class="align-right">Lines</th><th scope="col" class="align-right">Blank</th><th scope="col" class="align-right">Files</th></tr></thead>
      <tbody>${rows.map((row, index) => html`<tr key=${index}><th scope="row"><svg class="swatch" viewBox="0 0 10 10" aria-hidden="true"><rect class=${languageClass(index)} width="10" height="10" rx="2" /></svg>${oneLine(row.name ?? row.language)}</th>
        <td class="align-right num">${all === 0 ? "–" : share(size(row) / all)}</td><td class="align-right num">${formatNumber(row.lines)}</td>
        <td class="align-right num">${formatNumber(row.blank ?? row.blank_lines)}</td><td class="align-right num">${formatNumber(row.files)}</td></tr>`)}</tbody>
    </table></div></section>`;
}

/** @param {number} part */
function share(part) {
  return part > 0 && part < 0.005 ? "< 1 %" : `${Math.round(part * 100)} %`;
}

/** @param {number} index */
function languageClass(index) {
  return index < COLOURS ? `language-${index + 1}` : "language-other";
}

/**
 * What was read and what was not, by folder.
 * @param {{run: Run, coverage: Foreign, left: number}} props
 */
function Folders({ run, coverage, left }) {
  const { tree, total, more } = unread(coverage, left);
  return html`<section><h3>Folders <span class="muted counts-note">${total === 0 ? "every file was read" : `${plural(total, "file")} not read`}</span></h3>
    <${Branch} run=${run} folder=${tree} path="" />
    ${more > 0 && html`<p class="muted">${plural(more, "more file was", "more files were")} not read; only the first are named here.</p>`}
    ${coverage.unread_complete === false && html`<p class="muted">Not every file that was not read is known.</p>`}
  </section>`;
}

/** @param {{run: Run, folder: import("../folders.js").Folder, path: string}} props */
function Branch({ run, folder, path }) {
  const { shown, more } = useMore(folder.named, [folder], 50);
  return html`<ul class="folders">
    ${folder.folders.map((one) => html`<li key=${`${one.name}/`}>${one.folders.length + one.named.length === 0 ? html`<p class="folder-line"><${Line} folder=${one} /></p>`
      : html`<details><summary><${Line} folder=${one} /></summary><${Branch} run=${run} folder=${one} path=${`${path}${one.name}/`} /></details>`}</li>`)}
    ${shown.map((one, index) => html`<li key=${`${index}${one.name}`} class="folder-file"><${Name} href=${lineLink(run.forge_url, run.commit_sha, { path: path + one.name })} name=${one.name} /> <span class="muted">${one.reason}</span></li>`)}
    ${more && html`<li>${more}</li>`}
  </ul>`;
}

/** @param {{folder: import("../folders.js").Folder}} props */
function Line({ folder }) {
  const { name, files, unread } = folder;
  return html`<code><bdi>${name}/</bdi></code> <span class="muted num">${files === 0 ? `${plural(unread, "file")} not read`
    : unread === 0 ? `${plural(files, "file")} read` : `${formatNumber(files - unread)} of ${plural(files, "file")} read`}</span>`;
}

/** @param {{href: string | null, name: string}} props */
function Name({ href, name }) {
  // A folder that is too deep was not entered: its name ends with a slash.
  const code = name === "" ? "all of it" : html`<code><bdi>${name}</bdi></code>`;
  return href === null ? code : html`<a href=${href} rel="noopener noreferrer">${code}</a>`;
}

/** @param {{title: string, note: string, counts: unknown}} props */
function Counts({ title, note, counts }) {
  const rows = sortedCounts(counts);
  if (rows.length === 0) return null;
  return html`<section><h3>${title} <span class="muted counts-note">${note}</span></h3><ul class="counts">${rows.map(([name, count]) => html`<li key=${name}><span>${visible(humanize(name))}</span><span class="num">${formatNumber(count)}</span></li>`)}</ul></section>`;
}
