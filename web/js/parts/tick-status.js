// Who drives the queue, when the next tick is due and why the last failed: a dot with a word,
// and what is behind it for whoever asks.
import { visible } from "../format.js";
import { isSwitchedOn, switchTicks, tickNow, useTickState } from "../ticker.js";
import { html, useEffect, useRef, useState } from "../view.js";
import { Countdown } from "./time.js";

/** @typedef {import("../ticker.js").TickState} TickState */

/** @type {Record<string, string>} */
const REASONS = {
  busy: "another worker is busy",
  backing_off: "a failed job waits for its next attempt",
  low_disk: "the server's disk is almost full",
  objects_away: "the object store for dossiers cannot be used",
};

export function TickStatus() {
  const state = useTickState();
  const [open, setOpen] = useState(false);
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const button = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    if (!open) return undefined;
    /** @param {Event} event */
    const leave = (event) => {
      if (event.target instanceof Node && !box.current?.contains(event.target)) setOpen(false);
    };
    /** @param {KeyboardEvent} event */
    const onKey = (event) => {
      if (event.key !== "Escape") return;
      setOpen(false);
      button.current?.focus();
    };
    for (const name of ["pointerdown", "focusin"]) document.addEventListener(name, leave);
    document.addEventListener("keydown", onKey);
    return () => {
      for (const name of ["pointerdown", "focusin"]) document.removeEventListener(name, leave);
      document.removeEventListener("keydown", onKey);
    };
  }, [open]);
  if (state === null) return html`<div class="tick"></div>`;
  const on = state.role !== "off" || isSwitchedOn();
  const { word, tone } = short(state);
  return html`<div class="tick" ref=${box}>
    <button type="button" class=${`button button-quiet tick-button tone-${tone}`} aria-expanded=${open ? "true" : "false"} ref=${button} onClick=${() => setOpen(!open)}>
      <span class=${state.running ? "tick-dot is-running" : "tick-dot"} aria-hidden="true"></span><span class="tick-word">${word}</span>
      <span class="sr-only">${sentence(state)}</span></button>
    ${open && html`<div class="tick-popover">
      <p class=${state.error === null ? "" : "text-bad"}>${sentence(state)}</p>
      <div class="tick-actions">
        <label class="check"><button type="button" role="switch" class="switch" aria-checked=${on ? "true" : "false"}
          onClick=${() => switchTicks(!on)}><span class="switch-knob"></span></button><span>Drive the queue from this browser</span></label>
        ${state.role === "leading" && html`<button type="button" class="button" disabled=${state.running} onClick=${tickNow}>Run now</button>`}
      </div>
    </div>`}
  </div>`;
}

/** @param {TickState} state @returns {{word: string, tone: string}} */
function short(state) {
  if (state.role === "off") return { word: "Ticks off", tone: "quiet" };
  if (state.error !== null) return { word: "Tick failed", tone: "bad" };
  if (state.running) return { word: "Working", tone: "busy" };
  const isHeld = state.answer?.processed === false && state.answer.reason !== undefined && Object.hasOwn(REASONS, state.answer.reason);
  return isHeld ? { word: "Waiting", tone: "wait" } : { word: "Ticks on", tone: "good" };
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
