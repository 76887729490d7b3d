// The board as SVG: pieces, hands, the last move, and where the policy wants to go.

import { svg } from "./dom.js";
import { squareOf } from "./position.js";

const CELL = 44;
const SIDE = 60;
const TOP = 26;
const FILES = "１２３４５６７８９";
const RANKS = "一二三四五六七八九";
const GLYPHS = { P: "歩", L: "香", N: "桂", S: "銀", G: "金", B: "角", R: "飛", K: "玉", "+P": "と", "+L": "杏", "+N": "圭", "+S": "全", "+B": "馬", "+R": "龍" };
const IN_HAND = "RBGSNLP";
const FONT = '"Noto Serif CJK JP", "Noto Serif JP", "Hiragino Mincho ProN", "Yu Mincho", serif';

/** Returns where a square is on the board, `{ x, y, size }` of its upper left corner; "7g" as in USI. */
export function squareBox(square, isFlipped = false) {
  const [file, rank] = squareOf(square);
  return { x: SIDE + (isFlipped ? file : 8 - file) * CELL, y: TOP + (isFlipped ? 8 - rank : rank) * CELL, size: CELL };
}

/** Returns where the pieces of a kind in a side's hand are, as `squareBox` does, or undefined where there are none. */
export function handBox(position, side, kind, isFlipped = false) {
  const at = heldBy(position, side).indexOf(kind);
  if (at < 0) return undefined;
  const isBelow = (side === "w") === isFlipped;
  const step = at * (CELL + 2);
  return isBelow ? { x: SIDE + CELL * 9 + 15, y: TOP + CELL * 8 - step, size: CELL } : { x: 1, y: TOP + step, size: CELL };
}

/** Returns the letters of what a side has in hand, the strongest first. */
export function heldBy(position, side) {
  return [...IN_HAND].filter((kind) => position.hands[side][kind] > 0);
}

/** Draws an arrow for a move; a drop is a ring. `strength` from 0 to 1 makes it plainer. */
export function drawArrow(usi, isFlipped, strength) {
  const middle = ({ x, y, size }) => [x + size / 2, y + size / 2];
  const [toX, toY] = middle(squareBox(usi.slice(2, 4), isFlipped));
  const look = { stroke: "var(--policy)", fill: "none", opacity: 0.35 + 0.6 * strength, "stroke-width": 4 + 5 * strength, "pointer-events": "none" };
  if (usi[1] === "*") return svg("circle", { cx: toX, cy: toY, r: CELL / 2 - 5, ...look });
  const [fromX, fromY] = middle(squareBox(usi.slice(0, 2), isFlipped));
  const length = Math.hypot(toX - fromX, toY - fromY);
  const [alongX, alongY] = [(toX - fromX) / length, (toY - fromY) / length];
  const [neckX, neckY] = [toX - alongX * 14, toY - alongY * 14];
  const head = `M${toX} ${toY}L${neckX - alongY * 8} ${neckY + alongX * 8}L${neckX + alongY * 8} ${neckY - alongX * 8}Z`;
  return svg("g", { class: "arrow" }, svg("path", { d: `M${fromX} ${fromY}L${neckX} ${neckY}`, ...look }), svg("path", { d: head, ...look, fill: "var(--policy)", stroke: "none" }));
}

/**
 * Draws a position.
 * `last` is the move that led to it or undefined, `chances` are pairs of a move and its per cent, `isFlipped` puts White
 * below, `label` is what a screen reader says.
 */
export function drawBoard({ position, last, chances = [], isFlipped = false, label }) {
  const edge = CELL * 9;
  const x = (file) => SIDE + (isFlipped ? file : 8 - file) * CELL;
  const y = (rank) => TOP + (isFlipped ? 8 - rank : rank) * CELL;
  const root = svg("svg", { class: "board", viewBox: `0 0 ${edge + 2 * SIDE} ${edge + TOP + 8}`, role: "img", "aria-label": label });
  root.append(svg("rect", { x: SIDE, y: TOP, width: edge, height: edge, fill: "var(--wood)", stroke: "var(--wood-line)", "stroke-width": 2 }));
  root.append(...policySquares(chances, x, y), ...grid(edge), ...lastMove(last, x, y), ...names(x, y, edge));
  position.board.forEach((row, rank) => row.forEach((piece, file) => piece && root.append(drawPiece(piece, x(file), y(rank), isFlipped))));
  root.append(...hand(position, "b", isFlipped), ...hand(position, "w", isFlipped));
  return root;
}

function policySquares(chances, x, y) {
  const shares = {};
  for (const [move, percent] of chances) shares[move.slice(2, 4)] = (shares[move.slice(2, 4)] || 0) + percent;
  return Object.entries(shares).map(([square, percent]) => {
    const [file, rank] = squareOf(square);
    return svg("rect", { x: x(file), y: y(rank), width: CELL, height: CELL, fill: "var(--policy)", opacity: Math.min(0.8, 0.12 + percent / 115) });
  });
}

function grid(edge) {
  const lines = [];
  for (let at = 1; at < 9; at += 1) lines.push(`M${SIDE + at * CELL} ${TOP}v${edge}M${SIDE} ${TOP + at * CELL}h${edge}`);
  const dots = [3, 6].flatMap((file) => [3, 6].map((rank) => svg("circle", { cx: SIDE + file * CELL, cy: TOP + rank * CELL, r: 3, fill: "var(--wood-line)" })));
  return [svg("path", { d: lines.join(""), stroke: "var(--wood-line)", "stroke-width": 0.9, fill: "none" }), ...dots];
}

function lastMove(last, x, y) {
  if (!last) return [];
  const frame = (square, dashes) => {
    const [file, rank] = squareOf(square);
    return svg("rect", { x: x(file) + 2, y: y(rank) + 2, width: CELL - 4, height: CELL - 4, fill: "none", stroke: "var(--last-move)", "stroke-width": 3, "stroke-dasharray": dashes });
  };
  return [frame(last.slice(2, 4), null), ...(last[1] === "*" ? [] : [frame(last.slice(0, 2), "5 4")])];
}

function names(x, y, edge) {
  const text = (at, left, top) => svg("text", { x: left, y: top, "text-anchor": "middle", "font-size": 13, fill: "currentColor" }, at);
  return [...FILES].flatMap((_, at) => [text(FILES[at], x(at) + CELL / 2, TOP - 8), text(RANKS[at], SIDE + edge + 10, y(at) + CELL / 2 + 5)]);
}

/** Draws a piece with its upper left corner at (x, y); a small letter is White's. */
export function drawPiece(piece, x, y, isFlipped, scale = 1) {
  const isWhite = piece !== piece.toUpperCase();
  const kind = piece.toUpperCase();
  const glyph = kind === "K" && isWhite ? "王" : GLYPHS[kind];
  const turn = isWhite !== isFlipped ? 180 : 0;
  return svg(
    "g", { transform: `translate(${x + CELL / 2},${y + CELL / 2}) scale(${scale}) rotate(${turn})` },
    svg("path", { d: "M0-19 12.5-14 17 18H-17L-12.5-14Z", fill: "var(--piece)", stroke: "var(--wood-line)" }),
    svg("text", { "text-anchor": "middle", y: 12, "font-size": 25, "font-family": FONT, fill: kind[0] === "+" ? "var(--promoted)" : "var(--ink)" }, glyph),
  );
}

function hand(position, side, isFlipped) {
  return heldBy(position, side).flatMap((kind) => {
    const { x, y } = handBox(position, side, kind, isFlipped);
    const count = position.hands[side][kind];
    const piece = drawPiece(side === "b" ? kind : kind.toLowerCase(), x, y, isFlipped, 0.84);
    return [piece, ...(count > 1 ? [svg("text", { x: x + 43, y: y + CELL + 1, "text-anchor": "end", "font-size": 14, "font-weight": 700, fill: "currentColor" }, count)] : [])];
  });
}
