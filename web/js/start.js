// What must happen before the first paint, as a classic script because modules run
// too late for that: the stored colour scheme is set (values it does not know are
// refused), and the modules of the page at this address are asked for all at once.
(function () {
  "use strict";
  var stored = null;
  try {
    stored = localStorage.getItem("ci-feed.theme");
  } catch (error) {
    stored = null;
  }
  if (stored === "light" || stored === "dark") document.documentElement.dataset.theme = stored;

  var first = location.pathname.split("/")[1];
  var modules = /** @type {HTMLMetaElement | null} */ (document.querySelector('meta[name="modules"][data-at="' + (/^[a-z]+$/.test(first) ? first : "none") + '"]'));
  var names = modules ? modules.content.split(" ") : [];
  for (var index = 0; index < names.length; index += 1) {
    var link = document.createElement("link");
    link.rel = "modulepreload";
    link.href = "/assets/js/" + names[index];
    document.head.appendChild(link);
  }
})();
