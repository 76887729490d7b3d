// The page: sections drawn from a document in a language and a theme, and drawn anew when one of them changes.

import { drawLearning } from "./curves.js";
import { el } from "./dom.js";
import { drawGames } from "./games.js";
import { drawHead } from "./head.js";
import { drawOpenings } from "./openings.js";
import { drawSettings, drawSight } from "./settings.js";
import { drawStrength, legend } from "./strength.js";
import { drawTime } from "./time.js";
import { LANGUAGES, wordsOf } from "./words.js";

const SECTIONS = [drawHead, drawStrength, drawLearning, drawTime, drawGames, drawSight, drawOpenings, drawSettings];
const THEMES = ["auto", "light", "dark"];

export class Page {
  /** Draws a document into an element. Whoever has a newer document hands it to `show`. */
  constructor(host, report) {
    this.host = host;
    this.state = { filter: "all" };
    this.language = remembered("language") || (navigator.language.startsWith("ja") ? "ja" : "en");
    this.theme = remembered("theme") || "auto";
    window.document.addEventListener("keydown", (event) => this.press(event));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    this.show(report);
  }

  /** Draws another document, or the same one after something was added to it. */
  show(report) {
    this.report = report;
    this.draw();
  }

  draw() {
    const root = window.document.documentElement;
    root.lang = this.language;
    if (this.theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = this.theme;
    this.state.keep?.();
    const context = { document: this.report, say: wordsOf(this.language), state: this.state };
    window.document.title = `Keisei: ${this.title(context.say)}`;
    this.host.replaceChildren(this.top(context.say), ...SECTIONS.flatMap((draw) => draw(context)).filter((part) => part != null), this.bottom(context.say));
  }

  title(say) {
    const { runs } = this.report;
    return runs.length === 1 ? say("run", { name: runs[0].name }) : say("runs", { count: runs.length });
  }

  top(say) {
    const { runs } = this.report;
    const languages = Object.entries(LANGUAGES).map(([language, name]) =>
      el("button", { type: "button", lang: language, "aria-pressed": String(language === this.language), onclick: () => this.set("language", language) }, name));
    const next = THEMES[(THEMES.indexOf(this.theme) + 1) % THEMES.length];
    const theme = el("button", { type: "button", onclick: () => this.set("theme", next) }, say(`theme.${this.theme}`));
    return el("header", { class: "top" }, el("div", {}, el("h1", {}, `Keisei 形勢 — ${this.title(say)}`), runs.length > 1 ? legend(runs) : null), el("div", { class: "switches" }, languages, theme));
  }

  bottom(say) {
    return el("footer", { class: "quiet small" }, say("footer", { version: this.report.version }));
  }

  set(name, value) {
    this[name] = value;
    try {
      localStorage.setItem(`keisei.${name}`, value);
    } catch {
      // Some browsers keep nothing for files; the page works all the same.
    }
    this.draw();
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    if (event.key === " " && /^(BUTTON|SUMMARY)$/.test(event.target.tagName)) return;
    if (/^(Arrow|Home|End)/.test(event.key) && event.target.closest(".scroll")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (this.state.onkey?.(key)) event.preventDefault();
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
