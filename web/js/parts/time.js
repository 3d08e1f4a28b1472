// Times and durations that stay true while one looks at them.
import { useClock } from "../clock.js";
import { absoluteTime, formatDuration, parseTime, relativeTime } from "../format.js";
import { isActive } from "../status.js";
import { html } from "../view.js";

/** @param {{at: string | null | undefined}} props */
export function Time({ at }) {
  const text = useClock((now) => relativeTime(at, now), [at]);
  if (parseTime(at) === null) return html`<span class="muted">–</span>`;
  return html`<time class="num" datetime=${at} title=${absoluteTime(at)}>${text}</time>`;
}

/**
 * When something waits for its time, which may be over: then it is next, however long ago that was.
 * @param {{at: string}} props
 */
export function Due({ at }) {
  const text = useClock((now) => (Number(parseTime(at)) > now ? `due ${relativeTime(at, now)}` : "due now, at the next tick"), [at]);
  return html`<time class="num" datetime=${at} title=${absoluteTime(at)}>${text}</time>`;
}

/**
 * How long a run took, or has been taking.
 * @param {{run: Run}} props
 */
export function RunDuration({ run }) {
  const live = isActive(run) && parseTime(run.started_at) !== null;
  const text = useClock(
    (now) => (live ? formatDuration(now - Number(parseTime(run.started_at)), { live: true }) : formatDuration(run.duration_ms)),
    [live, run.started_at, run.duration_ms],
  );
  return html`<span class="num" title=${live ? "Running for" : "Duration"}>${text}</span>`;
}

/**
 * Seconds until a moment of this browser's own clock.
 * @param {{at: number}} props
 */
export function Countdown({ at }) {
  const text = useClock(() => `${Math.max(0, Math.ceil((at - Date.now()) / 1000))} s`, [at]);
  return html`<span class="num countdown">${text}</span>`;
}
