// Talks to this server's API and turns every failure into one shape. Whoever has
// signed in is known to the server by a cookie that no script can read; the token
// itself is sent once and kept nowhere.

export class ApiError extends Error {
  /**
   * @param {string} message
   * @param {{code: string, status: number}} detail status 0 means no answer came
   */
  constructor(message, { code, status }) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.status = status;
  }

  get offline() {
    return this.status === 0;
  }
}

/** What was thrown, as something that has a message. @param {unknown} cause @returns {Problem} */
export function problem(cause) {
  return cause instanceof Error ? cause : new Error(String(cause));
}

/** @type {Map<string, {etag: string | null, body: unknown}>} */
const cache = new Map();
const CACHE_SIZE = 40;
/** How long an early answer counts as new. */
const EARLY_MS = 10_000;

let signedIn = false;
let serverOffset = 0;

export function isSignedIn() {
  return signedIn;
}

/** Ask whether this browser is signed in: after a reload only the server knows. */
export async function learnSession() {
  /** @type {Session} */
  const session = await getJson("/api/ci/session", { keep: false });
  setSignedIn(session.signed_in);
}

/** @param {string} token */
export async function signIn(token) {
  await change("POST", "/api/ci/session", { token: token.trim() });
  setSignedIn(true);
}

export async function signOut() {
  await change("DELETE", "/api/ci/session");
  setSignedIn(false);
}

/** @param {boolean} value */
function setSignedIn(value) {
  if (signedIn === value) return;
  signedIn = value;
  cache.clear();
  // What was refused or left out before is asked for again.
  document.dispatchEvent(new CustomEvent("ci-feed:session"));
}

/** The server's clock as far as its Date headers tell, in ms since the epoch. */
export function serverNow() {
  return Date.now() + serverOffset;
}

/** @param {Response} response @param {number} at when it came, by this machine's clock */
function learnClock(response, at) {
  const date = Date.parse(response.headers.get("date") ?? "");
  if (Number.isNaN(date)) return;
  const offset = date - at;
  serverOffset = Math.abs(offset) > 2000 ? offset : 0;
}

/**
 * What start.js asked for before the modules came: taken once.
 * @param {string} path
 * @returns {Promise<{response: Response, at: number}> | undefined}
 */
function takeEarly(path) {
  const early = globalThis.ciFeedEarly ?? {};
  if (!Object.hasOwn(early, path)) return undefined;
  const asked = early[path];
  delete early[path];
  return asked;
}

/**
 * @param {string} path
 * @param {RequestInit} init
 */
async function send(path, init) {
  const asked = init.method === undefined ? takeEarly(path) : undefined;
  let response;
  let at;
  try {
    if (asked !== undefined) ({ response, at } = await asked);
    if (response === undefined || at === undefined || Date.now() - at > EARLY_MS) {
      response = await fetch(path, { ...init, credentials: "same-origin", redirect: "error" });
      at = Date.now();
    }
    init.signal?.throwIfAborted();
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new ApiError("The server cannot be reached.", { code: "OFFLINE", status: 0 });
  }
  learnClock(response, at);
  return response;
}

/** @param {Response} response */
async function failure(response) {
  // The session is over, or the server has another token.
  if (response.status === 401) setSignedIn(false);
  let body = null;
  try {
    body = await response.json();
  } catch {
    // Not our error shape: a proxy answered. The status is all there is to say.
  }
  const message = typeof body?.error === "string" ? body.error : `The server answered ${response.status}.`;
  const code = typeof body?.code === "string" ? body.code : `HTTP_${response.status}`;
  return new ApiError(message, { code, status: response.status });
}

/**
 * GET JSON. An unchanged answer (304) gives back the very same object.
 * @param {string} path
 * @param {{signal?: AbortSignal, accept?: number[], keep?: boolean}} [options] accept: statuses
 *   that carry a body, in addition to 2xx; keep: false for bodies too large to hold
 * @template [T=unknown] what this address answers
 * @returns {Promise<T>}
 */
export async function getJson(path, { signal, accept = [], keep = true } = {}) {
  const held = cache.get(path);
  const response = await send(path, {
    signal,
    cache: "no-store",
    headers: held?.etag ? { "if-none-match": held.etag } : {},
  });
  if (response.status === 304 && held) return /** @type {T} */ (held.body);
  if (!response.ok && !accept.includes(response.status)) throw await failure(response);
  let body;
  try {
    body = await response.json();
  } catch {
    throw new ApiError("The server's answer is not JSON.", { code: "BAD_ANSWER", status: response.status });
  }
  cache.delete(path);
  // Without a tag, too: the last answer of a server that stops is what is known of it once it is gone.
  if (keep) {
    cache.set(path, { etag: response.headers.get("etag"), body });
    if (cache.size > CACHE_SIZE) cache.delete(/** @type {string} */ (cache.keys().next().value));
  }
  return body;
}

/**
 * What the last answer was, for drawing at once while a new one is asked for.
 * @template [T=unknown] what this address answers
 * @param {string | null} path
 * @returns {T | null}
 */
export function peekJson(path) {
  return path === null ? null : /** @type {T | null} */ (cache.get(path)?.body ?? null);
}

/**
 * @param {string} path
 * @param {{signal?: AbortSignal}} [options]
 */
export async function getText(path, { signal } = {}) {
  const response = await send(path, { signal });
  if (!response.ok) throw await failure(response);
  return response.text();
}

/**
 * @param {string} path
 * @param {{signal?: AbortSignal}} [options]
 */
export async function getBlob(path, { signal } = {}) {
  const response = await send(path, { signal });
  if (!response.ok) throw await failure(response);
  return response.blob();
}

/**
 * GET JSON before anything else happens: a page is printed as it stands when the browser asks for it, and waits for nothing.
 * @param {string} path
 * @returns {unknown} null where there is no answer
 */
export function getJsonNow(path) {
  const request = new XMLHttpRequest();
  request.open("GET", path, false);
  try {
    request.send();
    return request.status === 200 ? JSON.parse(request.responseText) : null;
  } catch {
    return null;
  }
}

/**
 * @param {string} path
 * @param {unknown} [body]
 * @template [T=unknown] what this address answers
 * @returns {Promise<T>}
 */
export async function postJson(path, body) {
  return change("POST", path, body);
}

/**
 * @param {string} path
 * @template [T=unknown] what this address answers
 * @returns {Promise<T>}
 */
export async function deleteJson(path) {
  return change("DELETE", path);
}

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @template [T=unknown] what this address answers
 * @returns {Promise<T>}
 */
async function change(method, path, body) {
  const response = await send(path, {
    method,
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!response.ok) throw await failure(response);
  try {
    return await response.json();
  } catch {
    throw new ApiError("The server's answer is not JSON.", { code: "BAD_ANSWER", status: response.status });
  }
}
