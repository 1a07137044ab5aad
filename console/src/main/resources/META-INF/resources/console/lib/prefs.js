// What a person has chosen: language and theme stay in this browser, the API key in this tab alone.
class Prefs extends EventTarget {
  get language() {
    return document.documentElement.lang;
  }

  set language(language) {
    document.documentElement.lang = language;
    localStorage.setItem("lorikeet.language", language);
    this.#changed();
  }

  /** "light" or "dark". */
  get theme() {
    return document.documentElement.dataset.theme;
  }

  set theme(theme) {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem("lorikeet.theme", theme);
    this.#changed();
  }

  get key() {
    return sessionStorage.getItem("lorikeet.key") ?? "";
  }

  set key(key) {
    if (key) {
      sessionStorage.setItem("lorikeet.key", key);
    } else {
      sessionStorage.removeItem("lorikeet.key");
    }
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

export const prefs = new Prefs();
