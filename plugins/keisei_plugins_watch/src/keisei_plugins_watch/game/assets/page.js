// The page: the game that the server tells of, in a language and a theme, with what one may do about it.

import { el } from "../report/dom.js";
import { Look } from "../report/look.js";
import { readable } from "../report/notation.js";
import { parseSfen, positionsOf } from "../report/position.js";
import { wordsOf } from "../report/words.js";
import { act, follow } from "../server/connection.js";
import { drawCurve } from "./curve.js";
import { BoardInput } from "./input.js";
import { askPromotion } from "./promotion.js";
import { saveRecord } from "./record.js";
import { Setup, strengthSelect } from "./setup.js";
import { endingText, outcomeOf } from "./ending.js";
import { WORDS } from "./words.js";

const USI = /^([1-9][a-i][1-9][a-i]\+?|[PLNSGBR]\*[1-9][a-i])$/;

export class Page {
  /** Draws into an element, and follows the server for good. */
  constructor(host) {
    this.host = host;
    this.view = null;
    this.connection = "connecting";
    this.look = new Look(() => this.draw());
    this.isFlipped = false;
    this.showsCurve = true;
    this.hints = [];
    this.told = "";
    this.isResigning = false;
    this.board = new BoardInput({ onmoves: (...moves) => this.decide(moves), onsay: (text) => this.tell(text), onend: () => this.draw() });
    this.setup = new Setup({ onbegin: (asked) => this.begin(asked) });
    this.said = el("p", { class: "quiet small said", role: "status", "aria-live": "polite" });
    this.draw();
    document.addEventListener("keydown", (event) => this.press(event));
    follow("/api/game/events", (view) => this.take(view), (state) => this.connect(state));
  }

  get game() {
    return this.view?.game ?? null;
  }

  get name() {
    return this.view?.opponent?.name ?? "";
  }

  /** Takes what the server tells. */
  take(view) {
    if (lineOf(view.game) !== lineOf(this.game)) this.hints = [];
    if (view.game?.start_sfen !== this.game?.start_sfen || view.game?.colour !== this.game?.colour) this.isFlipped = false;
    this.view = view;
    this.tell("");
    this.draw();
  }

  connect(state) {
    this.connection = state;
    this.draw();
  }

  tell(text) {
    this.said.textContent = text;
  }

  draw() {
    if (this.board.drag) return; // a piece in the air is put down first
    this.say = wordsOf(this.look.language, WORDS);
    const { say } = this;
    this.look.apply();
    document.title = `Keisei: ${say("title", { name: this.name || "…" })}`;
    const focus = document.activeElement?.dataset?.keep;
    this.host.replaceChildren(this.top(), ...this.complaints(), ...this.middle(), el("footer", { class: "quiet small" }, say("tabs")));
    if (focus) this.host.querySelector(`[data-keep="${focus}"]`)?.focus();
  }

  top() {
    return el("header", { class: "top" }, el("h1", {}, `Keisei 形勢 — ${this.say("title", { name: this.name || "…" })}`), this.look.switches(this.say));
  }

  /** The game; before there is one what it begins with, and before the server has told anything that it is waited for. */
  middle() {
    if (!this.view) return this.connection === "connecting" ? [el("p", { class: "now thinks", role: "status" }, this.say("connecting"))] : [];
    return this.game ? [this.table()] : [this.setup.form(this.view, this.say, false), this.said];
  }

  complaints() {
    const { say } = this;
    const lost = this.connection === "open" || this.connection === "connecting" ? null : el("p", { class: "alarm card", role: "alert" }, say(this.connection));
    const problem = this.view?.problem
      ? el("p", { class: "alarm card", role: "alert" }, say("failed", { name: this.name || say("title"), problem: this.view.problem }), " ", this.button("again", () => this.act("again")))
      : null;
    return [lost, problem].filter(Boolean);
  }

  table() {
    const { game, say } = this;
    const positions = positionsOf(game.start_sfen, game.moves);
    const isWhite = game.colour === "white";
    this.board.show({
      position: parseSfen(game.sfen), last: game.moves.at(-1), label: say("board"), say, hints: this.hints,
      legal: this.connection === "open" ? game.legal : [], isFlipped: isWhite !== this.isFlipped, side: isWhite ? "w" : "b",
    });
    const other = el("p", { class: "seat", title: this.view.opponent?.identity }, `${say(isWhite ? "black" : "white")} ${this.name}`);
    const own = el("p", { class: "seat" }, `${say(game.colour)} ${say("you")}`);
    const seats = this.isFlipped ? [own, other] : [other, own];
    return el("div", { class: "play" },
      el("div", { class: "left" }, seats[0], this.board.host, seats[1]),
      el("div", { class: "right" }, this.status(), this.said, this.actions(), this.typing(), this.strength(), this.curve(), this.moves(positions), this.records()),
    );
  }

  status() {
    const { game, say } = this;
    const text = game.ending
      ? `${say(outcomeOf(game))}: ${endingText(game.ending, say)}`
      : game.thinks ? (this.name ? say("thinks", { name: this.name }) : say("seats")) : say(game.in_check ? "you.check" : "you.turn");
    return el("p", { class: `now${game.thinks ? " thinks" : ""}`, role: "status", "aria-live": "polite", id: "status" }, text);
  }

  actions() {
    const { game } = this;
    const may = (isSo) => (isSo && this.connection === "open" ? {} : { disabled: true });
    const isYours = game.legal.length > 0;
    const hasOwnMove = game.moves.some((_, ply) => moverAt(game, ply) === game.colour);
    return el("div", { class: "bar" },
      this.button("undo", () => this.act("undo"), may(hasOwnMove)),
      this.button("hint", () => this.hint(), may(isYours)),
      this.button(this.isResigning ? "resign.sure" : "resign", () => this.resign(), { ...may(isYours), "data-keep": "resign" }),
      this.button("flip", () => this.flip()),
      this.button("new", () => this.ask(), may(true)),
    );
  }

  button(word, onclick, attributes = {}) {
    return el("button", { type: "button", "data-keep": word, onclick, ...attributes }, this.say(word));
  }

  /** A move may be typed, which needs no board. */
  typing() {
    const field = el("input", { type: "text", size: 7, maxlength: 5, spellcheck: "false", autocomplete: "off", "aria-label": this.say("type"), "data-keep": "typing", placeholder: "7g7f", class: "usi" });
    field.value = this.typed ?? "";
    field.addEventListener("input", () => { this.typed = field.value; });
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      const move = field.value.trim().replace(/^[plnsgbr]\*/, (drop) => drop.toUpperCase());
      this.typed = "";
      field.value = "";
      if (USI.test(move) && this.game.legal.includes(move)) this.play(move);
      else this.tell(this.say("illegal", { move }));
    });
    return el("p", { class: "quiet small" }, this.say("key.note"), " ", field);
  }

  strength() {
    if (!this.view.opponent?.searches) return null;
    const select = strengthSelect(this.game.simulations, this.say, (simulations) => this.act("strength", { simulations }));
    return el("label", { class: "row" }, this.say("strength"), " ", select);
  }

  curve() {
    if (!this.view.opponent?.tells) return null;
    const details = el("details", { class: "values" }, el("summary", { "data-keep": "values" }, this.say("values")), drawCurve(this.game, this.say));
    details.open = this.showsCurve;
    details.addEventListener("toggle", () => { this.showsCurve = details.open; });
    return details;
  }

  moves(positions) {
    const { game, say } = this;
    const rows = game.moves.map((move, ply) => el("li", {}, readable(positions[ply], move, game.moves[ply - 1], say.language)));
    const list = el("ol", { class: "list moves", start: positions[0].number, tabindex: 0, "aria-label": say("moves"), "data-keep": "moves" }, rows);
    requestAnimationFrame(() => { list.scrollTop = list.scrollHeight; });
    return el("section", {}, el("h2", {}, say("moves")), rows.length ? list : el("p", { class: "quiet small" }, say("moves.none")));
  }

  records() {
    const save = (word, form) => this.button(word, () => this.attempt(() => saveRecord(form)));
    return el("div", { class: "bar" }, save("save", "kif"), save("save.kifu", "kifu"), save("save.csa", "csa"));
  }

  /** Plays one move, or asks which of two is meant: for the position of now, whatever is there once it is answered. */
  async decide(moves) {
    const ply = this.game.moves.length;
    const move = moves.length > 1 ? await askPromotion(moves, parseSfen(this.game.sfen), this.say) : moves[0];
    this.board.host.focus({ preventScroll: true });
    if (move) this.play(move, ply);
  }

  play(move, ply = this.game.moves.length) {
    return this.act("move", { move, ply });
  }

  resign() {
    this.isResigning = !this.isResigning;
    if (this.isResigning) this.draw();
    else this.act("resign");
  }

  flip() {
    this.isFlipped = !this.isFlipped;
    this.draw();
  }

  ask() {
    this.setup.open(this.view, this.say);
  }

  begin(asked) {
    this.isResigning = false;
    return this.act("begin", asked);
  }

  hint() {
    return this.attempt(async () => {
      const line = lineOf(this.game);
      const hints = await act("/api/game/hint");
      if (lineOf(this.game) !== line) return; // they are of a position that is gone
      this.hints = hints;
      this.draw();
      const position = parseSfen(this.game.sfen);
      const told = hints.map(({ move, share }) => readable(position, move, this.game.moves.at(-1), this.say.language) + (share == null ? "" : ` ${Math.round(100 * share)} %`));
      this.tell(told.length ? this.say("hints", { moves: told.join(this.say.language === "ja" ? "、" : ", ") }) : this.say("hints.none"));
    });
  }

  act(name, value) {
    if (name !== "strength") this.isResigning = false;
    return this.attempt(async () => {
      const answer = await act(`/api/game/${name}`, value);
      if (answer.version > this.view.version) this.take(answer); // else an event was quicker
    });
  }

  /** Does something that the server may refuse, which is told. */
  async attempt(work) {
    try {
      await work();
    } catch (error) {
      this.draw();
      this.tell(String(error.message || error));
    }
  }

  press(event) {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) || document.querySelector("dialog[open]")) return;
    const does = { u: () => this.act("undo"), h: () => this.game?.legal.length && this.hint(), f: () => this.flip(), n: () => this.ask() };
    const work = this.game && does[event.key.toLowerCase()];
    if (!work) return;
    event.preventDefault();
    work();
  }
}

/** Returns what tells one position of a game from another, its past among it; empty without a game. */
function lineOf(game) {
  return game ? [game.start_sfen, ...game.moves].join() : "";
}

function moverAt(game, ply) {
  const begins = game.start_sfen.split(" ")[1] === "b";
  return begins === (ply % 2 === 0) ? "black" : "white";
}
