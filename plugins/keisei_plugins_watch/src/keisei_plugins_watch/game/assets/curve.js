// What the opponent's network expected, by ply, as the person sees it.

import { el, svg, table } from "../report/dom.js";

const WIDTH = 360;
const HEIGHT = 110;
const EDGE = 6;
const LEAST = 20; // plies that the width stands for at least

/** Returns the values as the person sees them; null where none is known. */
export function valuesOfPerson({ values, start_sfen: start, colour }) {
  const begins = (start.split(" ")[1] === "b") === (colour === "black");
  return values.map((value, ply) => (value == null ? null : (ply % 2 === 0) === begins ? value : -value));
}

/** Draws the values of a game, with a table behind. */
export function drawCurve(game, say) {
  const known = valuesOfPerson(game).flatMap((value, ply) => (value == null ? [] : [[ply, value]]));
  if (!known.length) return el("p", { class: "quiet small" }, say("values.none"));
  const most = Math.max(LEAST, game.values.length - 1);
  const x = (ply) => EDGE + ((WIDTH - 2 * EDGE) * ply) / most;
  const y = (value) => HEIGHT / 2 - value * (HEIGHT / 2 - EDGE);
  const path = known.map(([ply, value], at) => `${at ? "L" : "M"}${x(ply).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  const [lastPly, last] = known.at(-1);
  const drawn = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "curve", role: "img", "aria-label": `${say("values")}: ${signed(last)}` },
    svg("rect", { x: 0.5, y: 0.5, width: WIDTH - 1, height: HEIGHT - 1, fill: "var(--card)", stroke: "var(--line)" }),
    svg("path", { d: `M0 ${HEIGHT / 2}H${WIDTH}`, stroke: "var(--quiet)", "stroke-dasharray": "3 3" }),
    svg("path", { d: path, fill: "none", stroke: "var(--series-1)", "stroke-width": 2 }),
    svg("circle", { cx: x(lastPly), cy: y(last), r: 4, fill: "var(--series-1)" }),
    svg("text", { x: WIDTH - EDGE, y: 16, "text-anchor": "end", "font-size": 13, fill: "currentColor" }, signed(last)));
  return el("div", {}, drawn, el("details", {}, el("summary", {}, say("values.table")), el("div", { class: "scroll" }, table([say("moves"), say("you")], known.map(([ply, value]) => [ply, value])))));
}

function signed(value) {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
}
