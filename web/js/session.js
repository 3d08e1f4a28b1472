// Whether this browser is signed in, for the parts that show more then.
import { isSignedIn } from "./api.js";
import { useEffect, useState } from "./view.js";

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
