// In which language and which colours a page is shown, and the buttons that change it.

import { el } from "./dom.js";
import { LANGUAGES } from "./words.js";

const THEMES = ["auto", "light", "dark"];

export class Look {
  /** Begins as the address says, as was chosen earlier, or as the system is; `onchange` is called after each choice. */
  constructor(onchange) {
    this.onchange = onchange;
    this.language = remembered("language") || (navigator.language.startsWith("ja") ? "ja" : "en");
    this.theme = remembered("theme") || "auto";
  }

  /** Gives the document its language and its colours. */
  apply() {
    const root = document.documentElement;
    root.lang = this.language;
    if (this.theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = this.theme;
  }

  /** Draws the buttons. */
  switches(say) {
    const languages = Object.entries(LANGUAGES).map(([language, name]) =>
      el("button", { type: "button", lang: language, "aria-pressed": String(language === this.language), onclick: () => this.choose("language", language) }, name));
    const next = THEMES[(THEMES.indexOf(this.theme) + 1) % THEMES.length];
    const theme = el("button", { type: "button", onclick: () => this.choose("theme", next) }, say(`theme.${this.theme}`));
    return el("div", { class: "switches" }, languages, theme);
  }

  choose(name, value) {
    this[name] = value;
    try {
      localStorage.setItem(`keisei.${name}`, value);
    } catch {
      // Some browsers keep nothing for files; the page works all the same.
    }
    this.onchange();
  }
}

/** Returns a choice of the address, as `#language=ja&theme=dark`, or an earlier one. */
function remembered(name) {
  const asked = new URLSearchParams(location.hash.slice(1)).get(name);
  try {
    return asked || localStorage.getItem(`keisei.${name}`);
  } catch {
    return asked;
  }
}
