// How a game ended, in words.

/** Returns the word for what came of a game for the person: won, lost, drawn, or nothing. */
export function outcomeOf({ ending, winner, colour }) {
  if (winner) return winner === colour ? "won" : "lost.game";
  return ending === "repetition" ? "drawn" : "nothing";
}

/** Returns how it ended, as a reader says it. */
export function endingText(ending, say) {
  return say(`ending.${ending.startsWith("perpetual_check") ? "perpetual_check" : ending}`);
}
