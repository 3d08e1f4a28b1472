// @ts-check
// Waits for the style sheet that belongs to one page only, so that the page is
// never seen without it; start.js has fetched that of the first page.

/**
 * @template T
 * @param {string} name of a file in `css/`
 * @param {Promise<T>} module
 * @returns {Promise<T>} the module, once the sheet is there too
 */
export async function withStyle(name, module) {
  const address = `/assets/css/${name}.css`;
  let link = /** @type {HTMLLinkElement | null} */ (document.querySelector(`link[rel=stylesheet][href="${address}"]`));
  if (link === null) {
    link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = address;
    document.head.append(link);
  }
  const [value] = await Promise.all([module, link.sheet === null ? loaded(link) : undefined]);
  return value;
}

/** @param {HTMLLinkElement} link */
function loaded(link) {
  return new Promise((resolve, reject) => {
    link.addEventListener("load", resolve, { once: true });
    link.addEventListener("error", () => {
      // The next visit asks again.
      link.remove();
      reject(new Error(`${link.href} did not come`));
    }, { once: true });
  });
}
