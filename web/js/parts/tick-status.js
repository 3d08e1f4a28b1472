// Says who drives the queue, when the next tick is due and why the last failed;
// carries the switch.
import { visible } from "../format.js";
import { isSwitchedOn, switchTicks, useTickState } from "../ticker.js";
import { html } from "../view.js";
import { Countdown } from "./time.js";

/** @typedef {import("../ticker.js").TickState} TickState */

/** @type {Record<string, string>} */
const REASONS = {
  busy: "another worker is busy",
  backing_off: "a failed job waits for its next attempt",
  low_disk: "the server's disk is almost full",
};

export function TickStatus() {
  const state = useTickState();
  if (state === null) return html`<div class="tick"></div>`;
  const on = state.role !== "off" || isSwitchedOn();
  return html`<div class="tick">
    <button type="button" role="switch" class="switch" aria-checked=${on ? "true" : "false"} aria-label="Drive the queue from this browser"
      onClick=${() => switchTicks(!on)}><span class="switch-knob"></span></button>
    <span class=${`tick-text ${state.error === null ? "" : "text-bad"}`} title=${state.error ?? undefined}>${sentence(state)}</span>
  </div>`;
}

/** @param {TickState} state */
function sentence(state) {
  if (state.role === "off") return "Ticks are off: nothing here drives the queue";
  const who = state.role === "leading" ? "This page drives the queue" : "Another tab drives the queue";
  const reason = state.answer?.processed === false ? REASONS[state.answer.reason ?? ""] : undefined;
  if (state.running) return `${who}: working…`;
  const next = state.nextAt === null ? "soon" : html`in <${Countdown} at=${state.nextAt} />`;
  if (state.error !== null) return html`Tick failed, next ${next}: ${visible(state.error)}`;
  return html`${who}: next tick ${next}${reason ? ` – ${reason}` : ""}`;
}
