// Decides how long to wait before the next poll or tick; pure, refuses to be
// faster than the cadence the documentation promises.

export const POLL_IDLE_MS = 10_000;
export const POLL_ACTIVE_MS = 3_000;
export const TICK_IDLE_MS = 30_000;
export const TICK_BUSY_MS = 10_000;
const BACKOFF_MAX_MS = 60_000;

/**
 * @param {{active: boolean, failures: number}} state
 */
export function pollDelay({ active, failures }) {
  const normal = active ? POLL_ACTIVE_MS : POLL_IDLE_MS;
  if (failures === 0) return normal;
  return Math.min(BACKOFF_MAX_MS, Math.max(normal, POLL_ACTIVE_MS * 2 ** Math.min(failures - 1, 6)));
}

/**
 * @param {TickAnswer} answer
 * @param {boolean} waiting whether the page knows of queued or running work
 * @returns {number} milliseconds, before jitter
 */
export function tickDelay(answer, waiting) {
  if (!answer.ok) return TICK_IDLE_MS;
  if (answer.processed) return (answer.ready ?? 0) > 0 ? 0 : waiting ? TICK_BUSY_MS : TICK_IDLE_MS;
  if (answer.reason === "backing_off" && typeof answer.next_due_in_seconds === "number") {
    return Math.min(TICK_IDLE_MS, Math.max(TICK_BUSY_MS, answer.next_due_in_seconds * 1000));
  }
  if (answer.reason === "busy") return TICK_BUSY_MS;
  if (answer.reason === "low_disk" || answer.reason === "objects_away") return TICK_IDLE_MS;
  return waiting ? TICK_BUSY_MS : TICK_IDLE_MS;
}

/**
 * Up to a tenth later, never earlier, so that tabs of many people spread out.
 * @param {number} ms
 * @param {number} random between 0 and 1
 */
export function jitter(ms, random) {
  return Math.round(ms * (1 + random / 10));
}
