// How games begin: a tree that unfolds.

import { el } from "./dom.js";
import { readable } from "./notation.js";
import { parseSfen, play } from "./position.js";

const START = "lnsgkgsnl/1r5b1/ppppppppp/9/9/9/PPPPPPPPP/1B5R1/LNSGKGSNL b - 1";

/** Draws the section. */
export function drawOpenings({ document: report, say }) {
  const parts = report.runs.map((run) => {
    const name = report.runs.length > 1 ? el("h3", {}, run.name) : null;
    if (!run.openings.length) return el("div", { class: "card" }, name, el("p", {}, say("openings.none")));
    return el("div", { class: "card tree" }, name, branch(run.openings, parseSfen(START), undefined, say));
  });
  return [el("section", {}, el("h2", {}, say("openings")), el("p", { class: "quiet small" }, say("openings.note")), el("div", { class: "grid" }, parts))];
}

function branch(nodes, position, before, say) {
  return el("ul", {}, nodes.map((node) => {
    const share = el("span", { class: "share" });
    share.style.width = `${Math.max(3, Math.min(120, node.games * 2))}px`;
    const text = [readable(position, node.move, before, say.language), " ", share, el("span", { class: "quiet" }, ` ${say("openings.count", { games: node.games, score: Math.round(100 * node.score) })}`)];
    if (!node.replies.length) return el("li", { class: "leaf" }, text);
    const details = el("details", {}, el("summary", {}, text));
    details.addEventListener("toggle", () => {
      if (details.open && details.children.length === 1) details.append(branch(node.replies, play(position, node.move), node.move, say));
    });
    return el("li", {}, details);
  }));
}
