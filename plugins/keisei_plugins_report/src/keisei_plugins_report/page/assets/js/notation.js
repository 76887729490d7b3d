// Moves as people write them: in Japanese, in English letters, and as the rows of a KIF file.

import { partsOf, squareOf } from "./position.js";

const FILES = "１２３４５６７８９";
const RANKS = "一二三四五六七八九";
const NAMES = { P: "歩", L: "香", N: "桂", S: "銀", G: "金", B: "角", R: "飛", K: "玉", "+P": "と", "+L": "成香", "+N": "成桂", "+S": "成銀", "+B": "馬", "+R": "龍" };
const WIDTH = 13;

/** Writes a move as KIF does, without its side: ７六歩(77). `before` is the move before, for 同. */
export function kifMove(position, usi, before) {
  const { from, to, piece, promotes } = partsOf(position, usi);
  const [file, rank] = squareOf(to);
  const target = before && before.slice(2, 4) === to ? "同　" : FILES[file] + RANKS[rank];
  if (from === null) return `${target}${NAMES[piece]}打`;
  const [fromFile, fromRank] = squareOf(from);
  return `${target}${NAMES[piece]}${promotes ? "成" : ""}(${fromFile + 1}${fromRank + 1})`;
}

/** Writes a move for a reader: ☗７六歩(77), or ☗P7g-7f. */
export function readable(position, usi, before, language) {
  const mark = position.side === "b" ? "☗" : "☖";
  const { from, to, piece, promotes, captures } = partsOf(position, usi);
  if (language === "ja") {
    const text = kifMove(position, usi, before);
    return mark + (declines(position, usi) ? text.replace("(", "不成(") : text);
  }
  if (from === null) return `${mark}${piece}*${to}`;
  return `${mark}${piece}${from}${captures ? "x" : "-"}${to}${promotes ? "+" : declines(position, usi) ? "=" : ""}`;
}

/** Tells whether a piece could have been promoted and was not. */
function declines(position, usi) {
  const { from, to, piece, promotes } = partsOf(position, usi);
  if (from === null || promotes || /[+GK]/.test(piece)) return false;
  const isFar = (square) => (position.side === "b" ? squareOf(square)[1] < 3 : squareOf(square)[1] > 5);
  return isFar(from) || isFar(to);
}

/** Writes a whole game as KIF; `frame` has the lines above and below the moves. */
export function kifText(positions, moves, frame) {
  const rows = moves.map((move, ply) => kifRow(positions[0].number + ply, kifMove(positions[ply], move, moves[ply - 1])));
  return `${[frame.head, ...rows, frame.tail].join("\n")}\n`;
}

function kifRow(number, text) {
  const width = [...text].reduce((sum, letter) => sum + (letter.charCodeAt(0) < 128 ? 1 : 2), 0);
  return `${String(number).padStart(4)} ${text}${" ".repeat(Math.max(WIDTH - width, 0))}( 0:00/00:00:00)`;
}
