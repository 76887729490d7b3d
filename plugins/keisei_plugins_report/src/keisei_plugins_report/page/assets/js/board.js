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
  root.append(...hand(position, isFlipped ? "w" : "b", SIDE + edge + 18, TOP + edge - CELL, -1, isFlipped));
  root.append(...hand(position, isFlipped ? "b" : "w", 4, TOP, 1, isFlipped));
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

function drawPiece(piece, x, y, isFlipped, scale = 1) {
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

function hand(position, side, x, y, step, isFlipped) {
  const held = [...IN_HAND].filter((kind) => position.hands[side][kind] > 0);
  return held.flatMap((kind, at) => {
    const top = y + step * at * (CELL + 2);
    const count = position.hands[side][kind];
    const piece = drawPiece(side === "b" ? kind : kind.toLowerCase(), x - 3, top, isFlipped, 0.84);
    return [piece, ...(count > 1 ? [svg("text", { x: x + 40, y: top + CELL + 1, "text-anchor": "end", "font-size": 14, "font-weight": 700, fill: "currentColor" }, count)] : [])];
  });
}
