// One chart over runs: lines, a legend, a tooltip for the pointer and the same
// words for the keyboard (arrows walk the points, Enter opens the run).
import { oneLine } from "../format.js";
import { runPath } from "../links.js";
import { navigate } from "../router.js";
import { pointLabels, pointName } from "../trend.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "../view.js";

/** How far from the screen a chart is drawn. */
const NEAR = "200px";

/** @param {{chart: import("../trend.js").Chart, points: Point[]}} props */
export function Chart({ chart, points }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const drawn = useRef(/** @type {ReturnType<typeof import("../plot.js").plot> | null} */ (null));
  const near = useRef(false);
  const [index, setIndex] = useState(/** @type {number | null} */ (null));

  const [isNear, setIsNear] = useState(false);
  useEffect(() => {
    if (isNear || box.current === null) return undefined;
    const watch = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && setIsNear(true), { rootMargin: NEAR });
    watch.observe(box.current);
    return () => watch.disconnect();
  }, [isNear]);

  useEffect(() => {
    if (!isNear) return undefined;
    let gone = false;
    // Most visits draw no chart: the library comes with the first that is near the screen.
    import("../plot.js").then(({ plot }) => {
      if (gone || box.current === null) return;
      drawn.current = plot(box.current, {
        lines: chart.lines,
        top: chart.top,
        whole: chart.whole,
        format: chart.format,
        names: pointLabels(points),
        onPoint: (at) => setIndex(near.current ? at : null),
        onPick: (at) => navigate(runPath(points[at].run_id)),
      });
    }, () => {});
    return () => {
      gone = true;
      drawn.current?.destroy();
      drawn.current = null;
    };
  }, [chart, points, isNear]);

  /** @param {number | null} at */
  function walk(at) {
    near.current = at !== null;
    drawn.current?.point(at);
    setIndex(at);
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const last = points.length - 1;
    const here = index ?? last;
    if (event.key === "Enter") navigate(runPath(points[here].run_id));
    const target = { ArrowRight: Math.min(last, here + 1), ArrowLeft: Math.max(0, here - 1), Home: 0, End: last }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    walk(target);
  }

  const shown = index !== null && index < points.length ? index : null;
  return html`<section class="chart" aria-label=${chart.title}>
    <h3 class="chart-title">${chart.title}</h3>
    <ul class="chart-legend" aria-hidden="true">${chart.lines.map((line) => html`<li key=${line.label}><span class=${`swatch chart-${line.tone}`}></span>${line.label}</li>`)}</ul>
    <div class="chart-box" role="slider" tabindex="0" aria-label=${`${chart.title}, by run`} aria-valuemin="1" aria-valuemax=${points.length}
      aria-valuenow=${(shown ?? points.length - 1) + 1} aria-valuetext=${words(chart, points, shown ?? points.length - 1)}
      onKeyDown=${onKey} onFocus=${() => near.current || walk(points.length - 1)} onBlur=${() => walk(null)}
      onMouseEnter=${() => void (near.current = true)} onMouseLeave=${() => walk(null)}>
      <div class="chart-plot" ref=${box}></div>
      ${shown !== null && html`<${Tip} chart=${chart} point=${points[shown]} index=${shown} left=${drawn.current?.left(shown) ?? 0} />`}
    </div>
  </section>`;
}

/** @param {import("../trend.js").Chart} chart @param {Point[]} points @param {number} index */
function words(chart, points, index) {
  if (points[index] === undefined) return "";
  const values = chart.lines.map((line) => `${line.label} ${chart.format(line.values[index])}`);
  return `${pointName(points[index])}: ${values.join(", ")}${points[index].status === "FAILED" ? ", failed" : ""}`;
}

/** @param {{chart: import("../trend.js").Chart, point: Point, index: number, left: number}} props */
function Tip({ chart, point, index, left }) {
  const tip = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => {
    const box = tip.current;
    if (box === null) return;
    const room = box.parentElement?.clientWidth ?? 0;
    const beside = left + 12 + box.offsetWidth <= room ? left + 12 : left - 12 - box.offsetWidth;
    box.style.setProperty("transform", `translateX(${Math.max(0, Math.min(beside, room - box.offsetWidth))}px)`);
  });
  return html`<div class="chart-tip" aria-hidden="true" ref=${tip}>
    <p class="num">${pointName(point)}${point.status === "FAILED" && html` <strong class="text-bad">failed</strong>`}</p>
    ${point.title && html`<p class="chart-tip-title"><bdi>${oneLine(point.title)}</bdi></p>`}
    <ul>${chart.lines.map((line) => html`<li key=${line.label}><span class=${`swatch chart-${line.tone}`}></span>${line.label}<span class="num">${chart.format(line.values[index])}</span></li>`)}</ul>
  </div>`;
}
