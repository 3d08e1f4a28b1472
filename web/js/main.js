// @ts-check
// Starts the page: routes to a page module, loaded when first needed.
import { Guard } from "./parts/guard.js";
import { Header } from "./parts/header.js";
import { Notice } from "./parts/notice.js";
import { startRouter, useRoute } from "./router.js";
import { startTicker } from "./ticker.js";
import { withStyle } from "./style.js";
import { setTitle } from "./title.js";
import { html, render, useEffect, useState } from "./view.js";

/** @type {Record<string, () => Promise<{default: any}>>} */
const PAGES = {
  feed: () => import("./pages/feed-page.js"),
  run: () => withStyle("dossier", import("./pages/run-page.js")),
  repo: () => withStyle("repo", import("./pages/repo-page.js")),
  setup: () => import("./pages/setup-page.js"),
  status: () => import("./pages/status-page.js"),
};

function App() {
  const route = useRoute();
  const [shown, setShown] = useState(/** @type {{page: string, Page: any, failed: boolean}} */ ({ page: "", Page: null, failed: false }));

  useEffect(() => {
    let current = true;
    if (!Object.hasOwn(PAGES, route.page)) {
      setTitle("Not found");
      return undefined;
    }
    PAGES[route.page]().then(
      (module) => current && setShown({ page: route.page, Page: module.default, failed: false }),
      () => current && setShown({ page: route.page, Page: null, failed: true }),
    );
    return () => void (current = false);
  }, [route.page]);

  let content = html`<div class="page"></div>`;
  if (route.page === "missing") {
    content = html`<div class="page"><h1>No such page</h1><p>There is nothing at this address. <a href="/">To the feed</a></p></div>`;
  } else if (shown.page === route.page && shown.failed) {
    content = html`<div class="page"><${Notice} tone="bad" icon="warning" alert=${true} title="This page could not be loaded">
      <p>The server did not send its parts. Reload the page when the connection is back.</p><//></div>`;
  } else if (shown.page === route.page) {
    content = html`<${shown.Page} route=${route} />`;
  }
  return html`<a class="skip" href="#main">Skip to content</a>
    <${Header} route=${route} />
    <main id="main" tabindex="-1"><${Guard} key=${route.page + ("id" in route ? route.id : "")}>${content}<//></main>`;
}

startRouter();
startTicker();
const root = document.getElementById("app");
if (root) {
  // What index.html shows until here.
  root.replaceChildren();
  render(html`<${App} />`, root);
}
