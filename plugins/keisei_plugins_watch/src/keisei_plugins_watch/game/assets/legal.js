// Which moves there are, asked by where they begin and end. They are the server's: the page knows no rules.

/** Returns where a move begins: a square, or "P*" for a drop. */
export function originOf(usi) {
  return usi.slice(0, 2);
}

/** Returns the squares that legal moves from somewhere go to, each once. */
export function targetsFrom(legal, origin) {
  return [...new Set(legal.filter((usi) => originOf(usi) === origin).map((usi) => usi.slice(2, 4)))];
}

/** Returns the legal moves from somewhere to a square: one, or two where a piece may be promoted and may not. */
export function movesTo(legal, origin, square) {
  return legal.filter((usi) => originOf(usi) === origin && usi.slice(2, 4) === square);
}

/** Returns the piece at a place as SFEN writes it: of a square, or of a hand, "P*". Nothing where none is. */
export function pieceAt(position, place) {
  if (place[1] === "*") return place[0];
  return position.board[place.charCodeAt(1) - 97][Number(place[0]) - 1];
}
