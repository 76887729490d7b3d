// The question whether a piece is promoted.

import { drawPiece } from "../report/board.js";
import { el, svg } from "../report/dom.js";
import { partsOf } from "../report/position.js";

/** Asks which of two moves is meant; comes to undefined where neither is. The first button, which has the focus, promotes. */
export function askPromotion(moves, position, say) {
  const ordered = [...moves].sort((one, other) => Number(other.endsWith("+")) - Number(one.endsWith("+")));
  const { piece } = partsOf(position, ordered[0]);
  return new Promise((resolve) => {
    const choice = (move) => {
      const letter = (move.endsWith("+") ? "+" : "") + piece;
      const drawn = svg("svg", { viewBox: "0 0 44 44", class: "choice", "aria-hidden": "true" }, drawPiece(position.side === "b" ? letter : letter.toLowerCase(), 0, 0, position.side === "w", 1));
      const word = say(move.endsWith("+") ? "promote" : "keep");
      return el("button", { type: "button", "aria-label": word, onclick: () => dialog.close(move) }, drawn, word);
    };
    const dialog = el("dialog", { class: "card", "aria-label": say("promotion") }, el("h2", {}, say("promotion")), el("div", { class: "bar" }, ordered.map(choice)));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue || undefined);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
