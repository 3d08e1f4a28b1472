// The pages that few visits begin with: fetched when one of them is gone to, or when there is nothing else to do.
export { ComparePage } from "./pages/compare-page.js";
export { FactPage } from "./pages/fact-page.js";
export { SearchPage } from "./pages/search-page.js";
export { SetupPage } from "./pages/setup-page.js";
export { StatusPage } from "./pages/status-page.js";
