// One game as the page shows it: its positions, its values as Black sees them, its words.

import { positionsOf } from "./position.js";

/** A loss that the network did not foresee so many plies before the end is one that it did not see coming. */
const UNSEEN = 8;

/** Returns the values of a game as Black sees them, by ply; null where nobody told one. */
export function valuesOfBlack(game) {
  const isBlack = game.sfen.split(" ")[1] === "b";
  return game.values.map((value, ply) => (value == null ? null : (ply % 2 === 0) === isBlack ? value : -value));
}

/** Returns the likeliest moves at a ply, pairs of a move and its per cent; none where the network was not asked. */
export function chancesAt(game, ply) {
  const words = (game.policies[ply] || "").split(" ");
  const pairs = [];
  for (let at = 0; at + 1 < words.length; at += 2) pairs.push([words[at], Number(words[at + 1])]);
  return pairs;
}

/** Returns every position of a game, the start first. */
export function replay(game) {
  return positionsOf(game.sfen, game.moves);
}

/** Says how a game ended. */
export function endingOf(game, say) {
  if (!game.winner) return say.ending(game.ending);
  return say("game.wins", { winner: say(game.winner), ending: say.ending(game.ending) });
}

/** Says how the network did in a game. */
export function outcomeOf(game, say) {
  if (!game.first) return "";
  return say(game.lost ? "game.lost" : game.winner ? "game.won" : "game.even");
}

/** Says where a lost game turned: nothing of another one, or where nobody told values. */
export function turningOf(game, say) {
  if (!game.lost || !game.values.some((value) => value != null)) return "";
  if (game.turning == null) return say("game.never");
  return game.moves.length - game.turning <= UNSEEN ? say("game.unseen") : say("game.turned", { ply: game.turning });
}

/** Says where a game belongs, how long it was and how it ended, e.g. "rung, update 12, 98 plies, mate". */
export function storyOf(game, say) {
  const kind = say(game.first ? `game.${game.match || "training"}` : "game.selfplay");
  const update = game.update == null ? "" : say("game.update", { update: game.update });
  const parts = [kind, update, say("game.plies", { plies: game.moves.length }), endingOf(game, say), turningOf(game, say)];
  return parts.filter(Boolean).join(say.language === "ja" ? "、" : ", ");
}

/** Returns whom the network met; nobody in self-play. */
export function opponentOf(game) {
  return game.first ? (game.first === "black" ? game.white : game.black) : "";
}

/** Returns what tells a game from others, in whichever document it stands. */
export function keyOf(game) {
  return [game.run, game.update, game.match, game.black, game.white, game.sfen, ...game.moves].join(" ");
}

/** Returns the newest game of self-play; undefined where there is none. */
export function newestOf(games) {
  return filtered(games, "selfplay").reduce((newest, game) => (newest && newest.update >= game.update ? newest : game), undefined);
}

/** Returns the games that a filter leaves: all, lost, matches or selfplay. */
export function filtered(games, filter) {
  const keeps = { all: () => true, lost: (game) => game.lost, matches: (game) => game.first, selfplay: (game) => !game.first };
  return games.filter(keeps[filter]);
}
