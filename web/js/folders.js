// Puts paths into their folders; pure.
import { humanize, oneLine } from "./format.js";
import { list, number, object, records } from "./summary.js";

/** @typedef {{path: string, reason: string}} Entry a file that was not read */
/** @typedef {{path: string, files: number, read: number}} Count of the files that lie in a folder itself */
/** @typedef {{name: string, unread: number, files: number, folders: Folder[], named: Array<{name: string, reason: string}>}} Folder
 *   unread: how many below it were not read; files: how many lie below it, 0 where nobody counted; named: those in it that were not read */

/**
 * A tree of folders. A folder with nothing but one folder is one line with it.
 * @param {Entry[]} entries
 * @param {Count[]} counts empty where nobody counted: then a folder has as many unread files as are named
 * @returns {Folder}
 */
export function folders(entries, counts) {
  const root = folder("");
  /** @param {string[]} parts @param {(open: Open) => void} visit */
  const walk = (parts, visit) => {
    let here = root;
    visit(here);
    for (const part of parts) {
      let next = here.below.get(part);
      if (next === undefined) here.below.set(part, (next = folder(part)));
      visit((here = next));
    }
    return here;
  };
  for (const { path, reason } of entries) {
    const parts = path.split("/");
    const name = parts.pop() ?? "";
    walk(parts, (open) => (open.unread += counts.length === 0 ? 1 : 0)).named.push({ name, reason });
  }
  for (const { path, files, read } of counts) {
    walk(path === "" ? [] : path.split("/"), (open) => {
      open.files += files;
      open.unread += files - read;
    }).own += files;
  }
  return finish(root);
}

/**
 * What a coverage says was not read, by folder. Skipped comes as `{reason: n}` or `{reason: {count, paths}}`, with the first paths only.
 * @param {Foreign} coverage
 * @param {number} left files that were not read and that `unread` does not name here
 * @returns {{tree: Folder, total: number, more: number}} more: files of the total that are not named
 */
export function unread(coverage, left) {
  const words = (/** @type {unknown} */ reason) => humanize(reason).toLowerCase();
  /** @type {Map<string, string>} */
  const reasons = new Map();
  for (const one of records(coverage.unread)) reasons.set(oneLine(one.path), words(one.reason));
  const isListed = reasons.size > 0;
  for (const one of records(coverage.parse_problems)) reasons.set(oneLine(one.path), `not read to its end: ${oneLine(one.problem)}`);
  let cut = 0;
  for (const [reason, value] of Object.entries(object(coverage.skipped))) {
    const paths = list(Array.isArray(value) ? value : object(value).paths);
    cut += Math.max(0, (number(value) ?? number(object(value).count) ?? paths.length) - paths.length);
    for (const path of paths) if (!reasons.has(oneLine(path))) reasons.set(oneLine(path), words(reason));
  }
  const counts = records(coverage.folders).map((one) => ({ path: oneLine(one.path), files: number(one.files) ?? 0, read: number(one.read) ?? 0 }));
  const tree = folders([...reasons].map(([path, reason]) => ({ path, reason })), counts);
  const more = counts.length > 0 ? Math.max(0, tree.unread - reasons.size) : isListed ? left : cut;
  return { tree, total: reasons.size + more, more };
}

/** @typedef {{name: string, own: number, files: number, unread: number, below: Map<string, Open>, named: Folder["named"]}} Open own: files in it */

/** @param {string} name @returns {Open} */
function folder(name) {
  return { name, own: 0, files: 0, unread: 0, below: new Map(), named: [] };
}

/** @param {Open} open @returns {Folder} */
function finish({ name, files, unread, below, named }) {
  const inside = [...below.values()].map((open) => {
    const one = finish(open);
    const only = open.own === 0 && one.named.length === 0 && one.folders.length === 1 ? one.folders[0] : null;
    return only === null ? one : { ...only, name: `${one.name}/${only.name}` };
  });
  const byName = (/** @type {{name: string}} */ a, /** @type {{name: string}} */ b) => (a.name < b.name ? -1 : 1);
  return { name, files, unread, folders: inside.sort((a, b) => b.unread - a.unread || byName(a, b)), named: named.sort(byName) };
}
