// Joins the polled first page of the feed with older pages already loaded;
// pure, refuses to show a run twice or to hide a gap between pages.

/** @typedef {{id: string}} Row */

/**
 * The fresh page first, then what was known below its last row.
 *
 * When its last row was not known, more runs arrived than one page holds: the
 * older rows are dropped rather than shown after a gap.
 * @template {Row} R
 * @param {R[]} known
 * @param {R[]} fresh
 * @param {boolean} more whether the server has runs older than the fresh page
 * @returns {R[]}
 */
export function mergeNewest(known, fresh, more) {
  if (!more || fresh.length === 0) return fresh;
  const ids = new Set(fresh.map((run) => run.id));
  const last = known.findIndex((run) => run.id === fresh[fresh.length - 1].id);
  return last === -1 ? fresh : [...fresh, ...known.slice(last + 1).filter((run) => !ids.has(run.id))];
}

/**
 * @template {Row} R
 * @param {R[]} known
 * @param {R[]} older
 * @returns {R[]}
 */
export function appendOlder(known, older) {
  const ids = new Set(known.map((run) => run.id));
  return [...known, ...older.filter((run) => !ids.has(run.id))];
}

/**
 * Ids of the runs that stand above every run known before.
 * @template {Row} R
 * @param {R[]} before
 * @param {R[]} after
 */
export function newcomers(before, after) {
  const ids = new Set(before.map((run) => run.id));
  const end = after.findIndex((run) => ids.has(run.id));
  return after.slice(0, end === -1 ? after.length : end).map((run) => run.id);
}
