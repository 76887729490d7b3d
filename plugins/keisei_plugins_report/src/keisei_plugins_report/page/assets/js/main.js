// The page: sections drawn from a document in a language and a theme, and drawn anew when one of them changes.

import { drawLearning } from "./curves.js";
import { el, refilled } from "./dom.js";
import { drawGames } from "./games.js";
import { drawHead } from "./head.js";
import { Look } from "./look.js";
import { drawOpenings } from "./openings.js";
import { Section } from "./section.js";
import { drawSettings, drawSight } from "./settings.js";
import { drawStrength, legend } from "./strength.js";
import { drawTime } from "./time.js";
import { wordsOf } from "./words.js";

const runsOf = (...names) => ({ runs }) => runs.map((run) => names.map((name) => run[name]));
const HEAD = [drawHead, runsOf("name", "head", "alarms", "strength")];
const STRENGTH = [drawStrength, runsOf("name", "strength")];
const LEARNING = [drawLearning, runsOf("name", "columns", "alarms")];
const TIME = [drawTime, runsOf("name", "time")];
const GAMES = [drawGames, (report) => [runsOf("name")(report), report.games]];
const SIGHT = [drawSight, ({ runs }) => runs.map((run) => [run.name, run.head.checkpoint, run.sight])];
const OPENINGS = [drawOpenings, runsOf("name", "openings")];
const SETTINGS = [drawSettings, ({ runs }) => runs.map((run) => [run.name, run.settings, run.head.packages])];

/** The sections of a report, each what draws it and what of a document it shows. */
export const REPORT = [HEAD, STRENGTH, LEARNING, TIME, GAMES, SIGHT, OPENINGS, SETTINGS];
/** Those of a run under way: games come in above; its network, which would have to be asked, is busy. */
export const UNDER_WAY = [HEAD, GAMES, STRENGTH, LEARNING, TIME, OPENINGS, SETTINGS];

export class Page {
  /**
   * Draws a document into an element. Whoever has a newer one hands it to `show`. A page that adds to the report gives its
   * `sections`, the `words` that the report has not by language, and `isLive` where games come in.
   */
  constructor(host, report, { sections = REPORT, words = {}, isLive = false } = {}) {
    Object.assign(this, { host, words, isLive });
    this.state = { filter: "all", follows: isLive && !matchMedia("(prefers-reduced-motion: reduce)").matches };
    this.sections = sections.map(([draw, shown]) => new Section(draw, shown));
    this.look = new Look(() => this.draw());
    window.document.addEventListener("keydown", (event) => this.press(event));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    this.report = report;
    this.draw();
  }

  /** Shows another document, or the same one after something was added to it: what is the same stays as it is. */
  show(report) {
    this.report = report;
    this.sections.forEach((section) => section.show(this.context(), false));
  }

  /** Draws all anew: in another language, or in other colours. */
  draw() {
    this.look.apply();
    this.state.keep?.();
    const context = this.context();
    window.document.title = `Keisei: ${this.title(context.say)}`;
    this.sections.forEach((section) => section.show(context, true));
    refilled(this.host, [this.top(context.say), ...this.sections.map((section) => section.element), this.bottom(context.say)]);
  }

  context() {
    return { document: this.report, say: wordsOf(this.look.language, this.words), state: this.state, isLive: this.isLive };
  }

  title(say) {
    const { runs } = this.report;
    return runs.length === 1 ? say("run", { name: runs[0].name }) : say("runs", { count: runs.length });
  }

  top(say) {
    const { runs } = this.report;
    return el("header", { class: "top" }, el("div", {}, el("h1", {}, `Keisei 形勢 — ${this.title(say)}`), runs.length > 1 ? legend(runs) : null), this.look.switches(say));
  }

  bottom(say) {
    return el("footer", { class: "quiet small" }, say("footer", { version: this.report.version }));
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    if (event.key === " " && /^(BUTTON|SUMMARY)$/.test(event.target.tagName)) return;
    if (/^(Arrow|Home|End)/.test(event.key) && event.target.closest(".scroll")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (this.state.onkey?.(key)) event.preventDefault();
  }
}
