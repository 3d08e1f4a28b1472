// A JSON file of a run's artifacts, fetched once.
import { getJson } from "./api.js";
import { artifactPath } from "./links.js";
import { object } from "./summary.js";
import { useEffect, useState } from "./view.js";

/**
 * @param {Run} run
 * @param {string} name
 * @returns {{content: Foreign | null, error: Problem | null, isThere: boolean, retry: () => void}}
 *   content: null until it is there
 */
export function useFile(run, name) {
  const isThere = run.artifacts?.some((one) => one.name === name) ?? false;
  const [state, setState] = useState({ content: /** @type {Foreign | null} */ (null), error: /** @type {Problem | null} */ (null), turn: 0 });
  useEffect(() => {
    if (!isThere) return undefined;
    const abort = new AbortController();
    getJson(artifactPath(run.id, { name }), { signal: abort.signal, keep: false }).then(
      (content) => setState({ content: object(content), error: null, turn: state.turn }),
      (error) => abort.signal.aborted || setState({ content: null, error, turn: state.turn }),
    );
    return () => abort.abort();
  }, [run.id, isThere, state.turn]);
  const retry = () => setState({ content: null, error: null, turn: state.turn + 1 });
  return { content: state.content, error: state.error, isThere, retry };
}
