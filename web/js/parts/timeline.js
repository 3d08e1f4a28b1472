// What happened to a run, in order: received, every attempt with its steps and its
// error, the end.
import { absoluteTime, formatDuration, oneLine, visible } from "../format.js";
import { barOf, phasesOf } from "../phases.js";
import { look } from "../status.js";
import { html } from "../view.js";
import { Icon } from "./icon.js";
import { Due, Time } from "./time.js";

const WIDTH = 600;
const WORDS = { queued: "waited", fetched: "fetched in", analyzed: "analyzed in", stored: "stored in" };

/** @param {{run: Run}} props */
export function Timeline({ run }) {
  const attempts = Array.isArray(run.attempt_log) ? run.attempt_log : [];
  const job = Array.isArray(run.jobs) ? run.jobs[run.jobs.length - 1] : null;
  const waits = run.status === "QUEUED" && attempts.length > 0 && job?.run_after;
  const last = attempts.length - 1;
  return html`<details class="timeline-box" open=${run.status !== "SUCCEEDED" || attempts.length > 1}>
    <summary>Timeline <span class="muted num">${last >= 0 ? words(phasesOf(attempts[last], began(run, attempts, last))) : ""}</span></summary>
    <ol class="timeline">
      <li class="step tone-quiet"><span class="step-mark"><${Icon} name="arrow" /></span>
        <div><span class="step-title">Received</span> <${Time} at=${run.created_at} />
          ${Array.isArray(run.refs) && run.refs.length > 1 && html`<p class="muted">Seen by ${run.refs.length} events:
            ${run.refs.map((/** @type {RunRef} */ one) => (one.pr_number ? `#${one.pr_number}` : oneLine(one.ref))).join(", ")}</p>`}</div></li>
      ${attempts.map((/** @type {Attempt} */ attempt, /** @type {number} */ index) => html`<${Attempt} key=${index} attempt=${attempt} run=${run} before=${began(run, attempts, index)} />`)}
      ${waits && html`<li class="step tone-wait"><span class="step-mark"><${Icon} name="clock" /></span>
        <div><span class="step-title">Next attempt</span> <${Due} at=${job.run_after} /></div></li>`}
      ${run.finished_at && html`<li class=${`step tone-${look("run", run.status).tone}`}><span class="step-mark"><${Icon} name=${look("run", run.status).icon} /></span>
        <div><span class="step-title">${look("run", run.status).word}</span> <time class="num" datetime=${run.finished_at}>${absoluteTime(run.finished_at)}</time></div></li>`}
    </ol>
  </details>`;
}

/** When an attempt's wait began. @param {Run} run @param {Attempt[]} attempts @param {number} index */
function began(run, attempts, index) {
  return index === 0 ? run.created_at : attempts[index - 1].finished_at;
}

/** @param {import("../phases.js").Phase[]} phases */
function words(phases) {
  return phases.map((phase) => `${WORDS[phase.name]} ${formatDuration(phase.ms)}`).join(" · ");
}

/** @param {{attempt: Attempt, run: Run, before: unknown}} props */
function Attempt({ attempt, run, before }) {
  const { word, icon, tone } = attempt.outcome ? look("outcome", attempt.outcome) : look("run", "RUNNING");
  const phases = phasesOf(attempt, before);
  const bar = attempt.outcome ? barOf(phases, WIDTH) : [];
  const now = attempt.outcome ? "" : oneLine(run.phase ?? "");
  const text = [words(phases), now].filter(Boolean).join(" · ");
  return html`<li class=${`step tone-${tone}`}><span class="step-mark"><${Icon} name=${icon} /></span>
    <div class="step-body"><span class="step-title">Attempt ${attempt.attempt} of ${run.max_attempts ?? 3}: ${word.toLowerCase()}</span>
      ${" "}<${Time} at=${attempt.leased_at} />
      ${text && html`<p class="muted num">${text}</p>`}
      ${bar.length > 0 && html`<svg class="phases" viewBox=${`0 0 ${WIDTH} 8`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
        ${bar.map((part) => html`<rect key=${part.name} class=${`phase-${part.name}`} x=${part.x} y="0" width=${Math.max(1, part.width - 2)} height="8" />`)}</svg>`}
      ${attempt.error && html`<p class="error-text pre-line"><bdi>${visible(attempt.error)}</bdi>${attempt.error_code && html` <code>${visible(attempt.error_code)}</code>`}</p>`}
    </div></li>`;
}
