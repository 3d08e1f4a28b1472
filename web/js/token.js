// Whether a token is in use, for the parts that show more with one.
import { hasToken } from "./api.js";
import { useEffect, useState } from "./view.js";

export function useHasToken() {
  const [held, setHeld] = useState(hasToken());
  useEffect(() => {
    const update = () => setHeld(hasToken());
    update();
    document.addEventListener("ci-feed:token", update);
    return () => document.removeEventListener("ci-feed:token", update);
  }, []);
  return held;
}
