// Positions as SFEN has them, and moves in USI played on them. Knows no rules: moves come from games that were played.

/** Takes an SFEN apart: `board[rank][file - 1]` with "", "P" or "+p", `side` "b" or "w", `hands` by side and letter. */
export function parseSfen(sfen) {
  const [ranks, side, held, number] = sfen.split(" ");
  return { board: ranks.split("/").map(parseRank), side, hands: parseHands(held), number: Number(number) || 1 };
}

function parseRank(text) {
  const squares = text.match(/\+?[A-Za-z]|\d/g).flatMap((piece) => (/\d/.test(piece) ? Array(Number(piece)).fill("") : [piece]));
  return squares.reverse();
}

function parseHands(text) {
  const hands = { b: {}, w: {} };
  for (const [, count, letter] of text.matchAll(/(\d*)([A-Za-z])/g)) {
    hands[letter === letter.toUpperCase() ? "b" : "w"][letter.toUpperCase()] = Number(count || 1);
  }
  return hands;
}

/** Takes a square apart: "7g" is [6, 6], file and rank from 0. */
export function squareOf(text) {
  return [Number(text[0]) - 1, text.charCodeAt(1) - 97];
}

/** Takes a move apart; `from` is null for a drop, `piece` is the letter before the move, for Black. */
export function partsOf(position, usi) {
  const to = usi.slice(2, 4);
  if (usi[1] === "*") return { from: null, to, piece: usi[0], promotes: false, captures: false };
  const [file, rank] = squareOf(usi);
  const [toFile, toRank] = squareOf(to);
  return {
    from: usi.slice(0, 2),
    to,
    piece: position.board[rank][file].toUpperCase(),
    promotes: usi.endsWith("+"),
    captures: position.board[toRank][toFile] !== "",
  };
}

/** Returns the position after a move; the given one stays as it is. */
export function play(position, usi) {
  const { side } = position;
  const { from, to, piece, promotes } = partsOf(position, usi);
  const board = position.board.map((rank) => rank.slice());
  const hands = { b: { ...position.hands.b }, w: { ...position.hands.w } };
  const [file, rank] = squareOf(to);
  if (from === null) {
    hands[side][piece] -= 1;
  } else {
    const taken = board[rank][file].replace("+", "").toUpperCase();
    if (taken) hands[side][taken] = (hands[side][taken] || 0) + 1;
    const [fromFile, fromRank] = squareOf(from);
    board[fromRank][fromFile] = "";
  }
  const after = (promotes ? "+" : "") + piece;
  board[rank][file] = side === "b" ? after : after.toLowerCase();
  return { board, hands, side: side === "b" ? "w" : "b", number: position.number + 1 };
}

/** Returns every position of a game, the start first. */
export function positionsOf(sfen, moves) {
  const positions = [parseSfen(sfen)];
  for (const move of moves) positions.push(play(positions.at(-1), move));
  return positions;
}
