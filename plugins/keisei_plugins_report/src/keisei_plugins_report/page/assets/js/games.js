// The games: a list to choose from, lost ones first, and the viewer beside it.

import { el, refilled } from "./dom.js";
import { filtered, keyOf, newestOf, opponentOf, outcomeOf, storyOf } from "./game.js";
import { Viewer } from "./viewer.js";

const FILTERS = ["all", "lost", "matches", "selfplay"];
const GAME_MS = 45000; // at most, of a game that is followed: newer ones wait
const LINGER_MS = 2500; // over the end of a game before the next one begins

/** Draws the section; `state` remembers the game, the ply and the filter while the page is drawn anew. */
export function drawGames(context) {
  const { document: report, say } = context;
  if (!report.games.length) return [el("section", {}, el("h2", { id: "games" }, say("games")), el("p", {}, say("games.none")))];
  const games = new Games(context);
  return { parts: [games.element], update: (newer) => games.show(newer.document) };
}

class Games {
  constructor({ document: report, say, state, isLive }) {
    Object.assign(this, { say, state, shown: [] });
    this.viewer = new Viewer(say, (game) => `${this.report.runs[game.run].name}-${this.report.games.findIndex((each) => keyOf(each) === keyOf(game))}`);
    this.list = el("ul", { class: "list", "aria-label": say("games.list") });
    this.choose = el("select", { "aria-label": say("games.filter"), onchange: (event) => this.filter(event.target.value) });
    this.following = isLive ? el("button", { type: "button", onclick: () => this.follow(!state.follows) }, say("games.follow")) : null;
    this.element = el("section", { "aria-labelledby": "games" }, el("h2", { id: "games" }, say("games")),
      el("div", { class: "viewer" }, el("div", {}, el("div", { class: "bar" }, this.choose, this.following), this.list), this.viewer.middle, this.viewer.right));
    this.viewer.whenPaused = () => this.follow(false);
    this.viewer.whenOver = () => setTimeout(() => this.catchUp(), LINGER_MS);
    state.onkey = (key) => this.press(key);
    state.keep = () => this.leave();
    this.take(report);
    this.begin();
  }

  /** Opens the game that stood on the board before the page was drawn anew, or the first one. */
  begin() {
    const { state } = this;
    const { key, ply, plays } = state;
    const known = this.report.games.find((game) => keyOf(game) === key);
    this.open(known ?? this.shown[0], known && ply);
    if (known && plays) this.viewer.play(state.follows ? GAME_MS : Infinity);
    this.follow(Boolean(state.follows));
  }

  /** Remembers where the reader was: this section is drawn anew. */
  leave() {
    this.isGone = true;
    Object.assign(this.state, { ply: this.viewer.ply, plays: this.viewer.isPlaying });
    this.viewer.stop();
  }

  /** Shows another document, where there are games in it: the game on the board stays there. */
  show(report) {
    if (!report.games.length) return false;
    this.take(report);
    this.catchUp();
    return true;
  }

  take(report) {
    this.report = report;
    const filters = FILTERS.filter((filter) => filtered(report.games, filter).length);
    if (!filters.includes(this.state.filter)) this.state.filter = "all";
    refilled(this.choose, filters.map((filter) => el("option", { value: filter, selected: filter === this.state.filter }, this.say(`games.${filter}`))));
    this.fill();
  }

  fill() {
    const { scrollTop } = this.list;
    this.shown = filtered(this.report.games, this.state.filter);
    refilled(this.list, this.shown.map((game) => el("li", {}, el("button", { type: "button", onclick: () => this.pick(game) }, ...entry(game, this.report, this.say)))));
    this.list.scrollTop = scrollTop;
    this.markCurrent();
  }

  markCurrent() {
    [...this.list.children].forEach((item, at) => item.firstChild.setAttribute("aria-current", keyOf(this.shown[at]) === this.state.key));
  }

  filter(name) {
    this.state.filter = name;
    this.fill();
    if (!this.shown.some((game) => keyOf(game) === this.state.key)) this.pick(this.shown[0]);
  }

  /** Opens a game that the reader chose, and follows no longer. */
  pick(game) {
    this.follow(false);
    this.open(game);
  }

  open(game, ply) {
    this.state.key = keyOf(game);
    this.viewer.open(game);
    if (ply !== undefined) this.viewer.go(ply);
    this.markCurrent();
  }

  /** Shows each newest game of self-play from its start, or leaves off. */
  follow(follows) {
    this.state.follows = follows;
    this.following?.setAttribute("aria-pressed", String(follows));
    if (follows) this.catchUp();
  }

  /** Plays the newest game of self-play, unless one is being played, or it was. */
  catchUp() {
    const newest = newestOf(this.report.games);
    if (this.isGone || !this.state.follows || this.viewer.isPlaying || !newest || keyOf(newest) === this.state.followed) return;
    this.state.followed = keyOf(newest);
    this.open(newest, 0);
    this.viewer.play(GAME_MS);
  }

  press(key) {
    const step = { n: 1, p: -1 }[key];
    if (step === undefined) return this.viewer.press(key);
    const next = this.shown[this.shown.findIndex((game) => keyOf(game) === this.state.key) + step];
    if (next) this.pick(next);
    return true;
  }
}

function entry(game, report, say) {
  const outcome = outcomeOf(game, say);
  const run = report.runs.length > 1 ? `${report.runs[game.run].name}: ` : "";
  return [
    el("b", {}, `${run}${opponentOf(game) || say("game.selfplay")}`), outcome ? el("span", { class: game.lost ? "alarm" : null }, ` ${outcome}`) : null, el("br"),
    el("span", { class: "quiet small" }, storyOf(game, say)),
  ];
}
