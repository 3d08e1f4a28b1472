// @ts-check
// The only door to the vendored view library; refuses to export anything that
// turns strings into HTML.
import * as vendor from "../vendor/htm-preact-3.1.1.js";

/** @type {(strings: TemplateStringsArray, ...values: any[]) => any} */
export const html = /** @type {any} */ (vendor.html);

/** @type {(node: any, parent: Element) => void} */
export const render = /** @type {any} */ (vendor.render);

/** @type {<T>(initial: T | (() => T)) => [T, (next: T | ((previous: T) => T)) => void]} */
export const useState = /** @type {any} */ (vendor.useState);

/** @type {(effect: () => (void | (() => void)), inputs?: any[]) => void} */
export const useEffect = /** @type {any} */ (vendor.useEffect);

/** @type {(effect: () => (void | (() => void)), inputs?: any[]) => void} */
export const useLayoutEffect = /** @type {any} */ (vendor.useLayoutEffect);

/** @type {<T>(make: () => T, inputs: any[]) => T} */
export const useMemo = /** @type {any} */ (vendor.useMemo);

/** @type {(report?: (error: any) => void) => [any, () => void]} */
export const useErrorBoundary = /** @type {any} */ (vendor.useErrorBoundary);

/** @type {<T>(initial: T) => {current: T}} */
export const useRef = /** @type {any} */ (vendor.useRef);
