// Before the first paint: the theme and the language that were chosen here, else those of the system.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  root.dataset.theme = localStorage.getItem("lorikeet.theme") ?? (system.matches ? "dark" : "light");
  const language = localStorage.getItem("lorikeet.language") ?? navigator.language;
  root.lang = language.startsWith("zh") ? "zh-CN" : "en";
})();
