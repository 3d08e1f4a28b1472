// Whether this browser is signed in, for the parts that show more then.
import { isSignedIn } from "./api.js";
import { usePoll } from "./poll.js";
import { useEffect, useState } from "./view.js";

/**
 * Whether this browser may change something here, as far as it is known: signed in, or on a server that takes it from its
 * own machine.
 * @param {boolean} wanted whether there is anything to change
 */
export function useMayWrite(wanted) {
  const signedIn = useSignedIn();
  /** @type {Polled<Health>} */
  const health = usePoll(wanted && !signedIn ? "/api/ci/health" : null, { accept: [503], isFinal: () => true });
  return signedIn || health.data?.access.write === "open";
}

export function useSignedIn() {
  const [signedIn, setSignedIn] = useState(isSignedIn());
  useEffect(() => {
    const update = () => setSignedIn(isSignedIn());
    update();
    document.addEventListener("ci-feed:session", update);
    return () => document.removeEventListener("ci-feed:session", update);
  }, []);
  return signedIn;
}
