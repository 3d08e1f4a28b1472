// A JSON file of a run's artifacts, fetched once it is wanted.
import { getJson, getJsonNow } from "./api.js";
import { artifactPath } from "./links.js";
import { isPrinting } from "./printing.js";
import { object } from "./summary.js";
import { useEffect, useRef, useState } from "./view.js";

/**
 * @param {Run} run
 * @param {string} name
 * @param {boolean} [isWanted]
 * @returns {{content: Foreign | null, error: Problem | null, isThere: boolean, retry: () => void}}
 *   content: null until it is there; on paper it is there at once
 */
export function useFile(run, name, isWanted = true) {
  const isThere = run.artifacts?.some((one) => one.name === name) ?? false;
  const [state, setState] = useState({ content: /** @type {Foreign | null} */ (null), error: /** @type {Problem | null} */ (null), turn: 0 });
  useEffect(() => {
    if (!isThere || !isWanted) return undefined;
    const abort = new AbortController();
    getJson(artifactPath(run.id, { name }), { signal: abort.signal, keep: false }).then(
      (content) => setState({ content: object(content), error: null, turn: state.turn }),
      (error) => abort.signal.aborted || setState({ content: null, error, turn: state.turn }),
    );
    return () => abort.abort();
  }, [run.id, isThere, isWanted, state.turn]);
  const printed = useRef(/** @type {Foreign | null} */ (null));
  if (isPrinting() && isThere && state.content === null) printed.current ??= object(getJsonNow(artifactPath(run.id, { name })));
  const retry = () => setState({ content: null, error: null, turn: state.turn + 1 });
  return { content: state.content ?? printed.current, error: state.error, isThere, retry };
}
