// What a new game begins with.

import { el } from "../report/dom.js";

const STARTS = ["startpos", "lance", "right-lance", "bishop", "rook", "rook-lance", "two-piece", "four-piece", "six-piece", "eight-piece", "ten-piece", "sfen"];
const COLOURS = ["black", "white", "either"];
const STRENGTHS = [0, 4, 16, 64, 256, 1024, 4096];

/** Returns a choice of how far the opponent looks ahead. */
export function strengthSelect(simulations, say, onchange) {
  const counts = [...new Set([...STRENGTHS, simulations])].sort((one, other) => one - other);
  const options = counts.map((count) => el("option", { value: count, selected: count === simulations }, count ? say("strength.n", { count: count.toLocaleString("en") }) : say("strength.0")));
  return el("select", { "data-keep": "strength", "aria-label": say("strength"), onchange: (event) => onchange(Number(event.target.value)) }, options);
}

export class Setup {
  /** Takes what it tells: `onbegin` gets the start, the colour and the simulations of a game to begin. */
  constructor({ onbegin }) {
    this.onbegin = onbegin;
    this.asked = { start: "startpos", sfen: "", colour: "black", simulations: 64 };
  }

  /** Opens the questions over the page. */
  open(view, say) {
    if (view?.game) this.asked.simulations = view.game.simulations;
    const dialog = el("dialog", { class: "card setup", "aria-label": say("new") });
    dialog.append(this.form(view, say, true, () => dialog.close()));
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  /** Returns the questions; with `close` they may be left unanswered. */
  form(view, say, isOver, close = () => {}) {
    const { asked } = this;
    const sfen = el("input", { type: "text", value: asked.sfen, spellcheck: "false", "data-keep": "sfen", oninput: (event) => { asked.sfen = event.target.value; } });
    const own = el("label", { class: "row", hidden: asked.start !== "sfen" }, say("sfen"), sfen);
    const colours = el("select", { "data-keep": "colour", onchange: (event) => { asked.colour = event.target.value; } });
    const fill = () => {
      const isOdds = asked.start !== "startpos" && asked.start !== "sfen";
      colours.replaceChildren(...COLOURS.map((colour) => el("option", { value: colour, selected: colour === asked.colour }, say(`colour.${colour}${isOdds && colour !== "either" ? ".odds" : ""}`))));
      own.hidden = asked.start !== "sfen";
    };
    const start = el("select", { "data-keep": "start", onchange: (event) => { asked.start = event.target.value; fill(); } },
      STARTS.map((name) => el("option", { value: name, selected: name === asked.start }, say(`start.${name}`))));
    const strength = view?.opponent && !view.opponent.searches ? null : el("label", { class: "row" }, say("strength"), strengthSelect(asked.simulations, say, (count) => { asked.simulations = count; }));
    fill();
    const begin = () => {
      close();
      submit.disabled = true; // until the server has told what came of it
      this.onbegin({ start: asked.start === "sfen" ? asked.sfen : asked.start, colour: asked.colour, simulations: asked.simulations });
    };
    const submit = el("button", { type: "submit", class: "main", "data-keep": "begin" }, say("begin"));
    const buttons = el("div", { class: "bar" }, submit, isOver ? el("button", { type: "button", onclick: close }, say("cancel")) : null);
    return el("form", { class: isOver ? "" : "card setup", onsubmit: (event) => { event.preventDefault(); begin(); } },
      el("h2", {}, say("new")), el("label", { class: "row" }, say("start"), start), own, el("label", { class: "row" }, say("colour"), colours), strength, buttons);
  }
}
