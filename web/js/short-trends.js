// The short trends of the repositories that are in view: asked for as far down as somebody looked.
import { query } from "./links.js";
import { usePoll } from "./poll.js";
import { html, useEffect, useRef, useState } from "./view.js";

/** Repositories that one request asks about. */
const TOGETHER = 60;

/** @param {string} owner @param {string} repo */
const keyOf = (owner, repo) => `${owner}/${repo}`.toLowerCase();

/**
 * @param {Repo[]} repos all
 * @param {Repo[]} shown those of them that are listed
 * @returns {{trendOf: (repo: Repo) => Api.ShortTrend | null, seenAt: (index: number) => (() => void) | undefined, asking: unknown}}
 *   seenAt: to be called when the row of this index is in view; asking: elements that show nothing
 */
export function useShortTrends(repos, shown) {
  const [trends, setTrends] = useState(/** @type {Map<string, Api.ShortTrend>} */ (new Map()));
  const [reach, setReach] = useState(TOGETHER);
  // Whoever was asked about together stays so, however the list is ordered later: the address of a request stays its own.
  const places = useRef(/** @type {Map<string, number>} */ (new Map())).current;
  for (const one of repos) {
    const key = keyOf(one.owner, one.repo);
    if (!places.has(key)) places.set(key, places.size);
  }
  const wanted = new Set(shown.slice(0, reach).map((one) => Math.floor(Number(places.get(keyOf(one.owner, one.repo))) / TOGETHER)));
  const names = [...places.keys()];
  /** Another one when a repository of the part has another newest run, or that stands otherwise. @param {number} part */
  const turnOf = (part) => repos.filter((one) => Math.floor(Number(places.get(keyOf(one.owner, one.repo))) / TOGETHER) === part).map(({ latest }) => `${latest.id} ${latest.status}`).join();

  /** @param {Api.ShortTrend[]} found */
  function take(found) {
    setTrends((before) => new Map([...before, ...found.map((one) => /** @type {const} */ ([keyOf(one.repo_owner, one.repo_name), one]))]));
  }

  return {
    trendOf: (repo) => trends.get(keyOf(repo.owner, repo.repo)) ?? null,
    seenAt: (index) => (index > 0 && index % TOGETHER === 0 && index >= reach ? () => setReach(index + TOGETHER) : undefined),
    asking: [...wanted].map((part) => html`<${Asking} key=${part} names=${names.slice(part * TOGETHER, (part + 1) * TOGETHER)} turn=${turnOf(part)} onTrends=${take} />`),
  };
}

/** @param {{names: string[], turn: string, onTrends: (trends: Api.ShortTrend[]) => void}} props turn: asked anew when it is another one */
function Asking({ names, turn, onTrends }) {
  const last = useRef(turn);
  /** @type {Polled<Api.Trends>} */
  const polled = usePoll(`/api/ci/repos/trends${query({ of: names.join(",") })}`);
  useEffect(() => void (polled.data !== null && onTrends(polled.data.trends)), [polled.data]);
  useEffect(() => {
    if (last.current !== turn) polled.refresh();
    last.current = turn;
  }, [turn]);
  return null;
}
