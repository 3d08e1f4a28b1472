// The top bar: where one is, who drives the queue, search, the token, help, the colour scheme.
import { listenToKeys } from "../keys.js";
import { useSignedIn } from "../session.js";
import { html, useEffect, useState } from "../view.js";
import { HelpDialog } from "./help-dialog.js";
import { Icon } from "./icon.js";
import { Palette } from "./palette.js";
import { ThemeSwitch } from "./theme-switch.js";
import { TickStatus } from "./tick-status.js";
import { TokenDialog } from "./token-dialog.js";

const PAGES = [
  { page: "home", path: "/", label: "Repositories" },
  { page: "feed", path: "/feed", label: "Feed" },
  { page: "compare", path: "/compare", label: "Compare" },
  { page: "setup", path: "/setup", label: "Set-up" },
  { page: "status", path: "/status", label: "Status" },
];

/** @param {{route: import("../links.js").Route}} props */
export function Header({ route }) {
  const [open, setOpen] = useState(/** @type {{Dialog: typeof HelpDialog | typeof Palette | typeof TokenDialog} | null} */ (null));
  const signedIn = useSignedIn();
  const search = () => setOpen({ Dialog: Palette });
  useEffect(() => listenToKeys({ help: () => setOpen({ Dialog: HelpDialog }), search }), []);

  const token = signedIn ? "Signed in" : "Sign in with the API token";
  return html`<header class="top">
    <div class="top-bar">
      <a class="brand" href="/" aria-label="ci-feed, to the repositories"><svg class="brand-mark" viewBox="0 0 16 16" aria-hidden="true">
        <path d="M2 12.5h3M2 8h7M2 3.5h12" /><circle cx="11.5" cy="11.5" r="2.5" /></svg>ci-feed</a>
      <nav class="nav" aria-label="Pages">
        ${PAGES.map(({ page, path, label }) => html`<a key=${page} href=${path} aria-current=${route.page === page ? "page" : undefined}>${label}</a>`)}
      </nav>
      <${TickStatus} />
      <div class="tools">
        <button type="button" class="button button-quiet tool-search" aria-label="Search Ctrl+K" title="Search (Ctrl+K)" onClick=${search}><${Icon} name="search" /><span>Search</span>${" "}<kbd>Ctrl+K</kbd></button>
        <button type="button" class=${`button button-quiet button-icon ${signedIn ? "is-on" : ""}`} aria-label=${token} title=${token} onClick=${() => setOpen({ Dialog: TokenDialog })}><${Icon} name="key" /></button>
        <button type="button" class="button button-quiet button-icon tool-keys" aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)" onClick=${() => setOpen({ Dialog: HelpDialog })}><${Icon} name="keyboard" /></button>
        <${ThemeSwitch} />
      </div>
    </div>
    ${open && html`<${open.Dialog} onClose=${() => setOpen(null)} />`}
  </header>`;
}
