// The game as a file.

import { el } from "../report/dom.js";
import { bytes } from "../server/connection.js";

/** Saves the game so far in a form: kif, kifu (in UTF-8) or csa. */
export async function saveRecord(form) {
  const url = URL.createObjectURL(await bytes(`/api/game/record?form=${form}`));
  const stamp = new Date().toISOString().slice(0, 19).replace(/[T:]/g, "-");
  el("a", { href: url, download: `keisei-${stamp}.${form}` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}
