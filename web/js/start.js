// What must happen before the first paint, as a classic script because modules run
// too late for that: the stored colour scheme is set (values it does not know are
// refused), and the first data of this address is asked for, which api.js takes over.
(function () {
  "use strict";
  var stored = null;
  try {
    stored = localStorage.getItem("ci-feed.theme");
  } catch (error) {
    stored = null;
  }
  if (stored === "light" || stored === "dark") document.documentElement.dataset.theme = stored;

  /** @type {Record<string, Promise<{response: Response, at: number}>>} */
  var early = {};
  /** @param {string} path */
  function get(path) {
    early[path] = fetch(path, { credentials: "same-origin", redirect: "error", cache: "no-store" }).then(function (response) {
      return { response: response, at: Date.now() };
    });
    return early[path];
  }

  if (location.pathname === "/" && location.search === "") {
    get("/api/ci/repos").catch(function () {});
  } else if (location.pathname === "/feed" && location.search === "") {
    get("/api/ci/runs?limit=50").catch(function () {});
  } else if (/^\/r\/[^/]+\/[^/]+$/.test(location.pathname) && location.search === "") {
    get("/api/ci/repos" + location.pathname.slice(2) + "/trend?limit=200").catch(function () {});
  } else if (/^\/runs\/[0-9a-f-]{36}$/.test(location.pathname)) {
    var run = "/api/ci" + location.pathname;
    get(run)
      .then(function (answer) {
        return answer.response.clone().json();
      })
      .then(function (body) {
        var artifacts = (body && body.run && body.run.artifacts) || [];
        var summary = (body && body.run && body.run.summary_json) || {};
        var ours = summary.schema === "ci-feed.summary.v1";
        // What changed is shown first; of a dossier of ours the other tabs ask for parts.
        var first = "dossier.json";
        if (ours && location.hash === "") first = summary.drift && summary.drift.is_empty !== true ? "drift.json" : "";
        if (ours && first === "") get(run + "/dossier").catch(function () {});
        if (ours && location.hash !== "") return;
        for (var index = 0; index < artifacts.length; index += 1) {
          if (artifacts[index].name === first) get(run + "/artifacts/" + first).catch(function () {});
        }
      })
      .catch(function () {});
  }
  Object.assign(window, { ciFeedEarly: early });
})();
