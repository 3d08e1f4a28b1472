// What must happen before the first paint, as a classic script because modules run
// too late for that: the stored colour scheme is set (values it does not know are
// refused), and what the page at this address needs is asked for all at once: its
// modules, its style sheet and its first data, which api.js takes over.
(function () {
  "use strict";
  var stored = null;
  try {
    stored = localStorage.getItem("ci-feed.theme");
  } catch (error) {
    stored = null;
  }
  if (stored === "light" || stored === "dark") document.documentElement.dataset.theme = stored;

  /** @param {string} rel @param {string} address */
  function ask(rel, address) {
    var link = document.createElement("link");
    link.rel = rel;
    if (rel === "preload") link.as = "style";
    link.href = "/assets/" + address;
    // Whoever needs it then asks again.
    link.addEventListener("error", function () {
      link.remove();
    });
    document.head.appendChild(link);
  }

  /** @type {Record<string, Promise<{response: Response, at: number}>>} */
  var early = {};
  /** @param {string} path */
  function get(path) {
    early[path] = fetch(path, { credentials: "same-origin", redirect: "error", cache: "no-store" }).then(function (response) {
      return { response: response, at: Date.now() };
    });
    return early[path];
  }

  var parts = location.pathname.split("/");
  var first = /^[a-z]+$/.test(parts[1]) ? parts[1] : "none";
  if (location.pathname === "/" && location.search === "") {
    get("/api/ci/runs?limit=50").catch(function () {});
  } else if (/^\/runs\/[0-9a-f-]{36}$/.test(location.pathname)) {
    var run = "/api/ci" + location.pathname;
    get(run)
      .then(function (answer) {
        return answer.response.clone().json();
      })
      .then(function (body) {
        var artifacts = (body && body.run && body.run.artifacts) || [];
        for (var index = 0; index < artifacts.length; index += 1) {
          if (artifacts[index].name === "dossier.json") get(run + "/artifacts/dossier.json").catch(function () {});
        }
      })
      .catch(function () {});
  }
  Object.assign(window, { ciFeedEarly: early });

  /** @type {Record<string, string>} */
  var sheets = { runs: "css/dossier.css", r: "css/repo.css" };
  // Only fetched: standing before the sheets of index.html it would lose to them. style.js puts it last.
  if (Object.hasOwn(sheets, first)) ask("preload", sheets[first]);
  var modules = /** @type {HTMLMetaElement | null} */ (document.querySelector('meta[name="modules"][data-at="' + first + '"]'));
  var names = modules ? modules.content.split(" ") : [];
  for (var index = 0; index < names.length; index += 1) ask("modulepreload", "js/" + names[index]);
})();
