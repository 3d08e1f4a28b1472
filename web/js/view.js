// The only door to the vendored view library; refuses to export anything that
// turns strings into HTML.
export { html, render, useEffect, useErrorBoundary, useLayoutEffect, useMemo, useRef, useState } from "../vendor/htm-preact-3.1.1.js";
