// System, light or dark; the choice is stored in this browser.
import { html, useState } from "../view.js";
import { Icon } from "./icon.js";

const STORAGE_KEY = "ci-feed.theme";
const NEXT = { system: "light", light: "dark", dark: "system" };
const ICONS = { system: "system", light: "sun", dark: "moon" };

/** @returns {"system" | "light" | "dark"} */
function current() {
  const set = document.documentElement.dataset.theme;
  return set === "light" || set === "dark" ? set : "system";
}

/** @param {"system" | "light" | "dark"} theme */
function apply(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(STORAGE_KEY, theme);
  } catch {
    // Storage may be forbidden; the choice then lasts as long as this page.
  }
}

export function ThemeSwitch() {
  const [theme, setTheme] = useState(current());
  const turn = () => {
    const next = /** @type {"system" | "light" | "dark"} */ (NEXT[theme]);
    apply(next);
    setTheme(next);
  };
  return html`<button type="button" class="button button-quiet button-icon" onClick=${turn}
    aria-label=${`Colour scheme: ${theme}. Change`} title=${`Colour scheme: ${theme}`}>
    <${Icon} name=${ICONS[theme]} />
  </button>`;
}
