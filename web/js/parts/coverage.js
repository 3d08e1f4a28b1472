// How much of the tree was read, what was not and why.
import { attribute, formatNumber, humanize, oneLine, visible } from "../format.js";
import { list, number, object, sortedCounts } from "../summary.js";
import { html } from "../view.js";
import { JsonTree } from "./json-tree.js";
import { Notice } from "./notice.js";

const DRAWN = new Set(["files_seen", "analyzed", "skipped", "languages", "partial"]);

/** @param {{dossier: Foreign}} props */
export function Coverage({ dossier }) {
  const coverage = object(dossier.coverage);
  const analyzer = object(dossier.analyzer);
  const subject = object(dossier.subject);
  const rest = Object.fromEntries(Object.entries(coverage).filter(([name]) => !DRAWN.has(name)));
  return html`<div>
    <h2 class="sr-only">Coverage</h2>
    ${coverage.partial === true && html`<${Notice} tone="wait" icon="warning" title="Partial"><p>Limits were reached before everything was read. What is missing here may still be in the repository.</p><//>`}
    <dl class="pairs">
      <div><dt>Files seen</dt><dd class="num">${formatNumber(coverage.files_seen)}</dd></div>
      <div><dt>Analyzed</dt><dd class="num">${formatNumber(coverage.analyzed)}</dd></div>
      <div><dt>Analyzer</dt><dd>${oneLine(analyzer.name ?? "–")} ${oneLine(analyzer.version ?? "")}</dd></div>
      ${analyzer.rules_digest && html`<div><dt>Rules</dt><dd><code class="wrap">${visible(analyzer.rules_digest)}</code></dd></div>`}
      ${subject.tree && html`<div><dt>Tree</dt><dd><code class="wrap">${visible(subject.tree)}</code></dd></div>`}
    </dl>
    <${Languages} languages=${coverage.languages} />
    <${Skipped} skipped=${coverage.skipped} />
    ${Object.keys(rest).length > 0 && html`<section><h3>More</h3><${JsonTree} value=${rest} name="coverage" /></section>`}
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

/** @param {{languages: unknown}} props */
function Languages({ languages }) {
  const rows = languageRows(languages).sort((a, b) => (number(b.lines ?? b.files) ?? 0) - (number(a.lines ?? a.files) ?? 0));
  if (rows.length === 0) return null;
  return html`<section><h3 id="languages">Languages</h3>
    <div class="scroll-x" tabindex="0" role="region" aria-labelledby="languages"><table class="data">
      <thead><tr><th scope="col">Language</th><th scope="col" class="align-right">Files</th><th scope="col" class="align-right">Lines</th><th scope="col" class="align-right">Blank</th></tr></thead>
      <tbody>${rows.map((row, index) => html`<tr key=${index}><th scope="row">${oneLine(row.name ?? row.language)}</th>
        <td class="align-right num">${formatNumber(row.files)}</td><td class="align-right num">${formatNumber(row.lines)}</td>
        <td class="align-right num">${formatNumber(row.blank ?? row.blank_lines)}</td></tr>`)}</tbody>
    </table></div></section>`;
}

/**
 * Skipped comes as `{reason: n}` or `{reason: {count, paths}}`.
 * @param {{skipped: unknown}} props
 */
function Skipped({ skipped }) {
  const reasons = Object.entries(object(skipped));
  if (reasons.length === 0) return null;
  return html`<section><h3>Not read</h3><ul class="skipped">
    ${reasons.map(([reason, value]) => {
      const paths = list(Array.isArray(value) ? value : object(value).paths);
      const numbers = sortedCounts(value);
      const count = typeof value === "number" ? value : numbers.length > 0 ? numbers[0][1] : paths.length;
      return html`<li key=${reason}>${paths.length > 0
        ? html`<details><summary>${humanize(reason)} <span class="num muted">${formatNumber(count)}</span></summary>
            <ul class="paths">${paths.slice(0, 200).map((path, index) => html`<li key=${index}><code><bdi>${attribute(path)}</bdi></code></li>`)}</ul>
            ${paths.length > 200 && html`<p class="muted">${formatNumber(paths.length - 200)} more in dossier.json</p>`}</details>`
        : html`${humanize(reason)} <span class="num muted">${formatNumber(count)}</span>`}</li>`;
    })}
  </ul></section>`;
}
