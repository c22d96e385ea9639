// Runs before the first paint, so that a page does not flash in another theme or direction.
(() => {
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem("comity.theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    const stored = localStorage.getItem("comity.language");
    const language = stored ?? (navigator.language.startsWith("ar") ? "ar" : "en");
    if (language === "ar") {
      root.lang = "ar";
      root.dir = "rtl";
    }
  } catch {
    // Storage is forbidden here: the system's theme and English remain.
  }
})();
