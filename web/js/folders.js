// Puts paths into their folders; pure.

/** @typedef {{path: string, reason: string}} Entry */
/** @typedef {{name: string, count: number, folders: Folder[], files: Array<{name: string, reason: string}>}} Folder */

/**
 * A tree of folders, each with how many files lie below it. A folder with nothing but one folder is one line with it.
 * @param {Entry[]} entries
 * @returns {Folder}
 */
export function folders(entries) {
  const root = folder("");
  for (const { path, reason } of entries) {
    const parts = path.split("/");
    const name = parts.pop() ?? "";
    let here = root;
    here.count += 1;
    for (const part of parts) {
      let next = here.below.get(part);
      if (next === undefined) here.below.set(part, (next = folder(part)));
      next.count += 1;
      here = next;
    }
    here.files.push({ name, reason });
  }
  return finish(root);
}

/** @typedef {{name: string, count: number, below: Map<string, Open>, files: Folder["files"]}} Open */

/** @param {string} name @returns {Open} */
function folder(name) {
  return { name, count: 0, below: new Map(), files: [] };
}

/** @param {Open} open @returns {Folder} */
function finish(open) {
  const below = [...open.below.values()].map(finish).map((one) => {
    const only = one.files.length === 0 && one.folders.length === 1 ? one.folders[0] : null;
    return only === null ? one : { ...only, name: `${one.name}/${only.name}` };
  });
  const byName = (/** @type {{name: string}} */ a, /** @type {{name: string}} */ b) => (a.name < b.name ? -1 : 1);
  return { name: open.name, count: open.count, folders: below.sort((a, b) => b.count - a.count || byName(a, b)), files: open.files.sort(byName) };
}
