// Starts the page: one component for each route.
import { learnSession } from "./api.js";
import { FeedPage } from "./pages/feed-page.js";
import { HomePage } from "./pages/home-page.js";
import { RepoPage } from "./pages/repo-page.js";
import { RunPage } from "./pages/run-page.js";
import { Guard } from "./parts/guard.js";
import { Header } from "./parts/header.js";
import { Later } from "./parts/later.js";
import { startPrinting } from "./printing.js";
import { startRouter, useRoute } from "./router.js";
import { startTicker } from "./ticker.js";
import { setTitle } from "./title.js";
import { html, render, useEffect } from "./view.js";

/** @type {Foreign} */
const PAGES = {
  home: HomePage, feed: FeedPage, repo: RepoPage, run: RunPage, missing: MissingPage,
  compare: Later, fact: Later, search: Later, setup: Later, status: Later,
};

function MissingPage() {
  useEffect(() => setTitle("Not found"), []);
  return html`<div class="page"><h1>No such page</h1><p>There is nothing at this address. <a href="/">To the repositories</a></p></div>`;
}

function App() {
  const route = useRoute();
  return html`<a class="skip" href="#main">Skip to content</a>
    <${Header} route=${route} />
    <main id="main" tabindex="-1"><${Guard} key=${route.page + ("id" in route ? route.id : "")}><${PAGES[route.page]} route=${route} /><//></main>`;
}

startRouter();
// Without an answer nobody is signed in, and the polls say what is wrong.
learnSession().catch(() => {});
startTicker();
const root = document.getElementById("app");
if (root) {
  // What index.html shows until here.
  root.replaceChildren();
  const draw = () => render(html`<${App} />`, root);
  draw();
  startPrinting(draw);
}
