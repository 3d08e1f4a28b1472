// @ts-check
// The top bar: where one is, who drives the queue, the colour scheme.
import { html } from "../view.js";
import { ThemeSwitch } from "./theme-switch.js";
import { TickStatus } from "./tick-status.js";

const PAGES = [
  { page: "feed", path: "/", label: "Feed" },
  { page: "setup", path: "/setup", label: "Set-up" },
  { page: "status", path: "/status", label: "Status" },
];

/** @param {{route: import("../links.js").Route}} props */
export function Header({ route }) {
  return html`<header class="top">
    <div class="top-bar">
      <a class="brand" href="/" aria-label="ci-feed, to the feed"><svg class="brand-mark" viewBox="0 0 16 16" aria-hidden="true">
        <path d="M2 12.5h3M2 8h7M2 3.5h12" /><circle cx="11.5" cy="11.5" r="2.5" /></svg>ci-feed</a>
      <nav class="nav" aria-label="Pages">
        ${PAGES.map(({ page, path, label }) => html`<a key=${page} href=${path} aria-current=${route.page === page ? "page" : undefined}>${label}</a>`)}
      </nav>
      <${TickStatus} />
      <${ThemeSwitch} />
    </div>
  </header>`;
}
