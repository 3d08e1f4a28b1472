// Which rows of a long list are in view, whatever their heights; pure.

/**
 * Where each row starts, and the whole height as the last entry.
 * @param {string[]} keys
 * @param {Map<string, number>} heights what was measured
 * @param {number} estimate for rows that were never drawn
 */
export function offsets(keys, heights, estimate) {
  const starts = new Float64Array(keys.length + 1);
  for (let index = 0; index < keys.length; index += 1) {
    starts[index + 1] = starts[index] + (heights.get(keys[index]) ?? estimate);
  }
  return starts;
}

/**
 * The rows that touch the stretch from `top` to `bottom`: first, and one past the last.
 * @param {Float64Array} starts
 * @param {number} top
 * @param {number} bottom
 * @returns {[number, number]}
 */
export function visibleRows(starts, top, bottom) {
  const count = starts.length - 1;
  const first = Math.min(search(starts, top), Math.max(0, count - 1));
  return [first, Math.min(count, Math.max(first + 1, search(starts, bottom) + 1))];
}

/** The last row that starts at or above `at`. @param {Float64Array} starts @param {number} at */
function search(starts, at) {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle] <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}
