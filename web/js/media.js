// Whether the screen is as a part needs it.
import { useEffect, useState } from "./view.js";

/** @param {string} question a media query */
export function useMedia(question) {
  const [isSo, setIsSo] = useState(() => matchMedia(question).matches);
  useEffect(() => {
    const list = matchMedia(question);
    const update = () => setIsSo(list.matches);
    list.addEventListener("change", update);
    return () => list.removeEventListener("change", update);
  }, [question]);
  return isSo;
}
