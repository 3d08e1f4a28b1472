// Builds and reads addresses: pages of this site, the forge, artifacts; pure,
// and refuses every scheme but http and https.

/**
 * @typedef {{page: "home"} | {page: "feed", owner: string, repo: string, ref: string, pr: string, status: string}
 *   | {page: "run", id: string} | {page: "repo", owner: string, repo: string, ref: string}
 *   | {page: "compare", owner: string, repo: string, base: string, head: string}
 *   | {page: "fact", owner: string, repo: string, kind: string, key: string} | {page: "search", q: string}
 *   | {page: "setup"} | {page: "status", delivery: string} | {page: "missing", path: string}} Route
 */

/**
 * @template {Route["page"]} P
 * @typedef {Extract<Route, {page: P}>} RouteOf
 */

/**
 * Escapes one part of an address. Half a surrogate pair, which an external
 * analyzer's JSON may hold, would make the browser's own function throw.
 * @param {unknown} text
 */
function encode(text) {
  return encodeURIComponent(String(text).replace(/\p{Surrogate}/gu, "\ufffd"));
}

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * @param {string} pathname
 * @param {string} [search]
 * @returns {Route}
 */
export function parseRoute(pathname, search = "") {
  const parts = pathname.split("/").filter(Boolean).map(decode);
  const query = new URLSearchParams(search);
  const read = (/** @type {string} */ name) => (query.get(name) ?? "").trim();
  // What a person bookmarked before the repositories had the first page.
  const isFiltered = parts.length === 0 && ["owner", "repo", "ref", "pr", "status"].some((name) => query.has(name));
  if (parts.length === 0 && !isFiltered) return { page: "home" };
  if (isFiltered || (parts.length === 1 && parts[0] === "feed")) {
    return { page: "feed", owner: read("owner"), repo: read("repo"), ref: read("ref"), pr: read("pr"), status: read("status") };
  }
  if (parts.length === 1 && parts[0] === "compare") return { page: "compare", owner: read("owner"), repo: read("repo"), base: read("base"), head: read("head") };
  if (parts.length === 1 && parts[0] === "search") return { page: "search", q: read("q") };
  if (parts.length === 1 && parts[0] === "status") return { page: "status", delivery: read("delivery") };
  if (parts.length === 1 && parts[0] === "setup") return { page: "setup" };
  if (parts.length === 2 && parts[0] === "runs") return { page: "run", id: parts[1] };
  if (parts.length === 3 && parts[0] === "r") return { page: "repo", owner: parts[1], repo: parts[2], ref: read("ref") };
  if (parts.length === 4 && parts[0] === "r" && parts[3] === "fact") {
    return { page: "fact", owner: parts[1], repo: parts[2], kind: read("kind"), key: query.get("key") ?? "" };
  }
  return { page: "missing", path: pathname };
}

/** @param {Record<string, string | number | null | undefined>} values */
export function query(values) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && value !== undefined && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}

/** The feed of all runs, or of some. @param {Record<string, string | number | null | undefined>} [filter] */
export function feedPath(filter = {}) {
  return `/feed${query(filter)}`;
}

/** @param {string} [q] what is looked for */
export function searchPath(q = "") {
  return `/search${query({ q })}`;
}

/** What differs between two sides of a repository. @param {Record<string, string | null | undefined>} [sides] */
export function comparePath(sides = {}) {
  return `/compare${query(sides)}`;
}

/** The log of deliveries, of one. @param {string} delivery */
export function deliveryPath(delivery) {
  return `/status${query({ delivery })}`;
}

/** @param {unknown} id */
export function runPath(id) {
  return `/runs/${encode(id)}`;
}

/** @param {unknown} owner @param {unknown} repo */
export function repoPath(owner, repo) {
  return `/r/${encode(owner)}/${encode(repo)}`;
}

/** The page of one fact of a repository. @param {Pick<Run, "repo_owner" | "repo_name">} run @param {Foreign} fact */
export function factPath(run, fact) {
  return repoPath(run.repo_owner, run.repo_name) + "/fact" + query({ kind: String(fact.kind), key: String(fact.key) });
}

/** @param {unknown} id @param {Record<string, string | number | null | undefined>} asked */
export function factsApiPath(id, asked) {
  return partApiPath(id, "facts", asked);
}

/**
 * What a dossier of ours says of one thing.
 * @param {unknown} id of the run
 * @param {"dossier" | "facts" | "claims" | "findings"} part
 * @param {Record<string, string | number | null | undefined>} [asked]
 */
export function partApiPath(id, part, asked = {}) {
  return `/api/ci${runPath(id)}/${part}${query(asked)}`;
}

/** @param {unknown} owner @param {unknown} repo */
export function repoApiPath(owner, repo) {
  return `/api/ci/repos/${encode(owner)}/${encode(repo)}`;
}

/** @param {unknown} owner @param {unknown} repo */
export function trendPath(owner, repo) {
  return `${repoApiPath(owner, repo)}/trend`;
}

/** @param {unknown} owner @param {unknown} repo @param {{ref: string, metric: string}} what */
export function badgePath(owner, repo, { ref, metric }) {
  return `/badge/${encode(owner)}/${encode(repo)}.svg${query({ ref, metric: metric === "status" ? "" : metric })}`;
}

/** @param {unknown} owner @param {unknown} repo @param {string} name @param {string} ref */
export function latestPath(owner, repo, name, ref) {
  return `${repoPath(owner, repo)}/latest/${encode(name)}${query({ ref })}`;
}

/**
 * The address if it is http or https, else null.
 * @param {unknown} address
 */
export function webAddress(address) {
  if (typeof address !== "string") return null;
  try {
    const url = new URL(address);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href.replace(/\/$/, "") : null;
  } catch {
    return null;
  }
}

/** @param {unknown} forge @param {unknown} sha */
export function commitLink(forge, sha) {
  const base = webAddress(forge);
  return base && sha ? `${base}/commit/${encode(sha)}` : null;
}

/** @param {unknown} forge @param {unknown} number */
export function pullLink(forge, number) {
  const base = webAddress(forge);
  return base && Number.isInteger(number) ? `${base}/pull/${number}` : null;
}

/**
 * The form for a new webhook of a repository, or of an organisation.
 * @param {unknown} forge
 * @param {string} name `owner/name`, or an organisation
 */
export function hookLink(forge, name) {
  const base = webAddress(forge);
  const parts = name.split("/").map((part) => part.trim()).filter(Boolean).map(encode);
  if (!base || parts.length < 1 || parts.length > 2) return null;
  return `${base}/${parts.length === 1 ? "organizations/" : ""}${parts.join("/")}/settings/hooks/new`;
}

/**
 * The file at exactly this commit, at its lines.
 * @param {unknown} forge
 * @param {unknown} sha
 * @param {{path?: unknown, start_line?: unknown, end_line?: unknown}} evidence
 */
export function lineLink(forge, sha, evidence) {
  const base = webAddress(forge);
  if (!base || !sha || typeof evidence.path !== "string" || evidence.path === "") return null;
  const path = evidence.path.split("/").map(encode).join("/");
  const start = Number(evidence.start_line ?? 0);
  const end = Number(evidence.end_line ?? start);
  const lines = start > 0 ? `#L${start}${end > start ? `-L${end}` : ""}` : "";
  return `${base}/blob/${encode(sha)}/${path}${lines}`;
}

/** @param {unknown} runId @param {{name?: unknown}} artifact */
export function artifactPath(runId, artifact) {
  return `/api/ci/runs/${encode(runId)}/artifacts/${encode(artifact.name)}`;
}

/**
 * `owner/repo`, or null when the text is not of that form.
 * @param {string} text
 */
export function parseRepo(text) {
  const match = /^\s*([^\s/]+)\/([^\s/]+)\s*$/.exec(text);
  return match ? { owner: match[1], repo: match[2] } : null;
}

/**
 * `owner/`, or null when the text is not of that form.
 * @param {string} text
 */
export function parseOwner(text) {
  const match = /^\s*([^\s/]+)\/\s*$/.exec(text);
  return match ? { owner: match[1], repo: "" } : null;
}

/**
 * `#facts:endpoint?q=users` -> tab `facts`, argument `endpoint`, and what was set there.
 * @param {string} hash
 */
export function parseHash(hash) {
  const [address, ...set] = hash.replace(/^#/, "").split("?");
  const [tab, ...rest] = address.split(":");
  return { tab: decode(tab), argument: decode(rest.join(":")), set: new URLSearchParams(set.join("?")) };
}

/**
 * The hash of a tab, its argument and what is set there, the inverse of `parseHash`.
 * @param {string} tab
 * @param {unknown} [argument]
 * @param {Record<string, string>} [set]
 */
export function hashOf(tab, argument = "", set = {}) {
  return (argument === "" ? `#${tab}` : `#${tab}:${encode(argument)}`) + query(set);
}
