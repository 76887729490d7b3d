// The replayable board: a game, the ply it stands at, and everything that follows from both.

import { drawBoard } from "./board.js";
import { colourOf, faded, seriesColour } from "./colours.js";
import { el, figure, table, unfolding } from "./dom.js";
import { chancesAt, endingOf, replay, valuesOfBlack } from "./game.js";
import { kifText, readable } from "./notation.js";
import { axisOf, fitted, mark, whenShown } from "./plot.js";

const STEP_MS = 700;
const ENCODING = "#KIF version=2.0 encoding=UTF-8\n";

export class Viewer {
  /** Makes an empty viewer; `say` gives words, `name` names files that are saved. */
  constructor(say, name) {
    this.say = say;
    this.name = name;
    this.ply = 0;
    this.isFlipped = false;
    this.timer = null;
    this.whenOver = this.whenPaused = () => {}; // for whoever wants to know that the game was played to its end, or paused
    this.board = el("div");
    this.now = el("p", { class: "now", "aria-live": "polite" });
    this.slider = el("input", { type: "range", min: 0, "aria-label": say("board.slider"), oninput: (event) => this.go(Number(event.target.value)) });
    this.turn = this.button(say("board.turn"), "board.turn", () => this.goToTurning());
    this.autoplay = this.button(say("board.play"), "board.play", () => this.toggle());
    this.middle = el("div", {}, this.board, this.slider, this.buttons(), el("p", { class: "quiet small" }, say("games.keys")));
    this.value = el("div");
    this.policy = el("div");
    this.slips = el("div");
    this.moves = el("div", { class: "card moves", tabindex: 0, role: "group", "aria-label": say("moves.title") });
    this.right = el("div", {}, this.now, this.value, this.policy, this.slips, el("h3", {}, say("moves.title")), this.moves);
  }

  button(text, key, work) {
    return el("button", { type: "button", "aria-label": this.say(key), title: this.say(key), onclick: work }, text);
  }

  buttons() {
    const { say } = this;
    return el(
      "div", { class: "bar", role: "group" },
      this.button("|◀", "board.first", () => this.go(0)), this.button("◀", "board.back", () => this.go(this.ply - 1)),
      this.button("▶", "board.forward", () => this.go(this.ply + 1)), this.button("▶|", "board.last", () => this.go(Infinity)),
      this.autoplay, this.button(say("board.flip"), "board.flip", () => this.flip()), this.turn,
      this.button(say("board.copy"), "board.copy", (event) => this.copy(event.currentTarget)), this.button(say("board.save"), "board.save", () => this.save()),
    );
  }

  /** Shows a game, at its turning point if it has one. */
  open(game) {
    this.stop();
    this.game = game;
    this.positions = replay(game);
    this.isFlipped = game.first === "white";
    this.texts = game.moves.map((move, ply) => readable(this.positions[ply], move, game.moves[ply - 1], this.say.language));
    this.slider.max = game.moves.length;
    this.turn.hidden = game.turning == null;
    this.moves.replaceChildren(...this.texts.map((text, ply) => el("button", { type: "button", onclick: () => this.go(ply + 1) }, `${ply + 1} ${text}`)));
    this.drawValue();
    this.drawSlips();
    this.go(game.turning ?? 0);
  }

  /** Shows a ply: the position after so many moves. */
  go(ply) {
    const { game, say } = this;
    this.ply = Math.max(0, Math.min(game.moves.length, ply));
    const isOver = this.ply === game.moves.length;
    const chances = isOver ? [] : chancesAt(game, this.ply);
    const label = say("board.label", { ply: this.ply });
    this.board.replaceChildren(drawBoard({ position: this.positions[this.ply], last: game.moves[this.ply - 1], chances, isFlipped: this.isFlipped, label }));
    this.slider.value = this.ply;
    const text = this.ply ? `${say("game.ply", { ply: this.ply })} ${this.texts[this.ply - 1]}` : say("game.start");
    this.now.textContent = isOver ? `${text} — ${endingOf(game, say)}` : text;
    this.markMove();
    this.drawPolicy(chances);
    this.chart?.redraw(false);
    if (isOver && this.isPlaying) {
      this.stop();
      this.whenOver();
    }
  }

  markMove() {
    this.moves.querySelector('[aria-current="true"]')?.removeAttribute("aria-current");
    const current = this.moves.children[this.ply - 1];
    if (!current) return;
    current.setAttribute("aria-current", "true");
    this.moves.scrollTop = current.offsetTop - this.moves.offsetTop - 90;
  }

  drawValue() {
    const { say, game } = this;
    const values = valuesOfBlack(game);
    this.chart = null;
    if (!values.some((value) => value != null)) return this.value.replaceChildren(el("p", { class: "quiet small" }, say("value.none")));
    const title = say("value.title");
    const host = el("div", { role: "img", "aria-label": title });
    this.value.replaceChildren(
      el("h3", {}, title), host, game.turning == null ? "" : el("p", { class: "quiet small" }, say("value.turning")),
      unfolding(say("figures"), () => el("div", { class: "scroll", tabindex: 0 }, table([say("board.slider"), say("value")], values.map((value, ply) => [ply, value]).filter(([, value]) => value != null)))),
    );
    whenShown(host, () => (this.chart ? fitted(this.chart, host) : (this.chart = this.valueChart(host, values))));
  }

  valueChart(host, values) {
    const axis = axisOf();
    const colour = seriesColour(0);
    const chart = new uPlot({
      width: host.clientWidth, height: 150, legend: { show: false },
      scales: { x: { time: false }, y: { range: [-1.05, 1.05] } },
      series: [{}, { stroke: colour, width: 2, spanGaps: true, fill: faded(colour, 0.15), fillTo: 0, points: { show: false } }],
      axes: [axis, { ...axis, size: 42 }],
      hooks: { draw: [(drawn) => this.markValue(drawn)] },
    }, [values.map((_, ply) => ply), values], host);
    host.addEventListener("click", () => chart.cursor.idx != null && this.go(chart.cursor.idx));
    return chart;
  }

  markValue(drawn) {
    if (this.game.turning != null) mark(drawn, this.game.turning, colourOf("--alarm"), "", [5, 4]);
    mark(drawn, this.ply, colourOf("--text"), "");
  }

  drawPolicy(chances) {
    const { say, game, ply } = this;
    const title = el("h3", {}, say("policy.title"));
    if (!game.policies.length) return this.policy.replaceChildren(title, el("p", { class: "quiet small" }, say("policy.none")));
    const rows = chances.map(([move, percent]) => {
      const share = el("span", { class: "share" });
      share.style.width = `${percent * 1.2}px`;
      const text = readable(this.positions[ply], move, game.moves[ply - 1], say.language);
      return [`${text}${game.moves[ply] === move ? " ●" : ""}`, el("span", {}, share, ` ${percent} %`)];
    });
    this.policy.replaceChildren(title, table([say("move"), say("chance")], rows), el("p", { class: "quiet small" }, say("policy.note")));
  }

  drawSlips() {
    const row = (key, plies) => (plies.length ? el("p", { class: "small slips" }, this.say(key), plies.map((ply) => el("button", { type: "button", onclick: () => this.go(ply) }, ply))) : null);
    this.slips.replaceChildren(...[row("slips.missed", this.game.missed), row("slips.hanging", this.game.hanging.slice(0, 12))].filter(Boolean));
  }

  goToTurning() {
    if (this.game.turning != null) this.go(this.game.turning);
  }

  flip() {
    this.isFlipped = !this.isFlipped;
    this.go(this.ply);
  }

  /** Plays or pauses, as the reader asks. */
  toggle() {
    if (!this.isPlaying) return this.play();
    this.stop();
    this.whenPaused();
  }

  get isPlaying() {
    return this.timer !== null;
  }

  /** Plays the game to its end, a long one faster if it is to take no longer than `mostMs`; no screen reader is told of every ply. */
  play(mostMs = Infinity) {
    if (this.ply === this.game.moves.length) this.go(0);
    this.timer = setInterval(() => this.go(this.ply + 1), Math.min(STEP_MS, mostMs / this.game.moves.length));
    this.now.setAttribute("aria-live", "off");
    this.autoplay.textContent = this.say("board.pause");
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.now.setAttribute("aria-live", "polite");
    this.autoplay.textContent = this.say("board.play");
  }

  kif() {
    return kifText(this.positions, this.game.moves, this.game.kif);
  }

  /** Puts the record on the clipboard, or into a file where the browser gives a page none. */
  async copy(button) {
    try {
      await navigator.clipboard.writeText(this.kif());
    } catch {
      this.save();
      return;
    }
    button.textContent = this.say("board.copied");
    setTimeout(() => (button.textContent = this.say("board.copy")), 1500);
  }

  save() {
    const link = el("a", { href: URL.createObjectURL(new Blob([ENCODING, this.kif()], { type: "text/plain" })), download: `${this.name(this.game)}.kifu` });
    link.click();
    URL.revokeObjectURL(link.href);
  }

  /** Does what a key means; returns whether it means anything. */
  press(key) {
    const work = {
      ArrowLeft: () => this.go(this.ply - 1), ArrowRight: () => this.go(this.ply + 1), Home: () => this.go(0), End: () => this.go(Infinity),
      f: () => this.flip(), t: () => this.goToTurning(), " ": () => this.toggle(),
    }[key];
    work?.();
    return Boolean(work);
  }
}
