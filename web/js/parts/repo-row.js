// A repository as a row: how its default branch stands, what waits before a deploy, and how it drifted lately.
import { changes } from "../changes.js";
import { formatNumber, oneLine, plural, shortSha, visible } from "../format.js";
import { repoPath, runPath } from "../links.js";
import { html, useEffect, useRef } from "../view.js";
import { Badge } from "./badge.js";
import { ChipList, RunDetail } from "./run-row.js";
import { Spark } from "./spark.js";
import { Time } from "./time.js";

/** @param {{one: Repo, trend: Api.ShortTrend | null, onSeen?: () => void}} props trend: null while nobody knows it */
export function RepoRow({ one, trend, onSeen }) {
  const { latest } = one;
  const row = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    if (onSeen === undefined || row.current === null) return undefined;
    const watch = new IntersectionObserver((seen) => seen.some((entry) => entry.isIntersecting) && onSeen());
    watch.observe(row.current);
    return () => watch.disconnect();
  }, [onSeen === undefined]);
  const head = trend?.points.at(-1) ?? null;
  // The newest run may be of another branch, or of a pull request.
  const isHead = head === null || head.run_id === latest.id;
  const shown = isHead ? latest : head;
  const ref = isHead ? (latest.pr_number == null ? oneLine(latest.ref) : `#${latest.pr_number}`) : oneLine(trend?.ref ?? "");
  return html`<li class="repo-row" data-row ref=${row}>
    <div class="repo-name"><a class="repo-link" href=${repoPath(one.owner, one.repo)}><bdi>${visible(one.repo)}</bdi></a>
      <span class="muted"><bdi>${visible(one.owner)}</bdi></span></div>
    <div class="repo-state"><${Badge} of="run" value=${shown.status} />
      <span class="repo-title"><bdi>${oneLine(shown.title) || `Commit ${shortSha(shown.commit_sha)}`}</bdi></span>
      <${Time} at=${shown.created_at} /></div>
    <div class="repo-second"><span class="muted repo-ref"><bdi>${ref}</bdi></span>
      ${isHead ? html`<${RunDetail} run=${latest} />` : html`<${ChipList} run=${{ id: head.run_id }} found=${ofPoint(head)} none=${head.status === "SUCCEEDED" ? "not compared with anything yet" : ""} />
        <a class="repo-other" href=${runPath(latest.id)}>newest: <bdi>${latest.pr_number == null ? oneLine(latest.ref) : `#${latest.pr_number}`}</bdi></a>`}</div>
    <${Spark} points=${trend === null ? null : trend.points} />
  </li>`;
}

/** What is known of a run that is only a point of the trend. @param {Api.ShortPoint} point @returns {ReturnType<typeof changes>} */
function ofPoint({ drift, before_deploy: steps }) {
  /** @type {ReturnType<typeof changes>} */
  const found = [];
  if (steps !== null && steps > 0) found.push({ key: "deploy", text: `${formatNumber(steps)} before deploy`, title: "Things to do or to know before this commit is deployed", tab: "#drift", tone: "wait" });
  if (drift !== null) found.push({ key: "drift", text: drift === 0 ? "no drift" : plural(drift, "change"), title: "Facts that its commit added, removed and changed", tab: "#drift" });
  return found;
}
