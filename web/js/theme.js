// Sets the stored colour scheme before the first paint; a classic script because
// modules run too late for that. Refuses values it does not know.
(function () {
  "use strict";
  var stored = null;
  try {
    stored = localStorage.getItem("ci-feed.theme");
  } catch (error) {
    stored = null;
  }
  if (stored === "light" || stored === "dark") document.documentElement.dataset.theme = stored;
})();
