// The games: a list to choose from, lost ones first, and the viewer beside it.

import { el } from "./dom.js";
import { filtered, opponentOf, outcomeOf, storyOf } from "./game.js";
import { Viewer } from "./viewer.js";

const FILTERS = ["all", "lost", "matches", "selfplay"];

/** Draws the section; `state` remembers the game, the ply and the filter while the page is drawn anew. */
export function drawGames({ document: report, say, state }) {
  const title = el("h2", { id: "games" }, say("games"));
  if (!report.games.length) return [el("section", {}, title, el("p", {}, say("games.none")))];
  const viewer = new Viewer(say, (game) => `${report.runs[game.run].name}-${report.games.indexOf(game)}`);
  const list = el("ul", { class: "list", "aria-label": say("games.list") });
  const choose = el("select", { "aria-label": say("games.filter"), onchange: (event) => fill(event.target.value) },
    FILTERS.filter((filter) => filtered(report.games, filter).length).map((filter) => el("option", { value: filter, selected: filter === state.filter }, say(`games.${filter}`))));
  let shown = [];

  function fill(filter) {
    state.filter = filter;
    shown = filtered(report.games, filter);
    list.replaceChildren(...shown.map((game) => el("li", {}, el("button", { type: "button", onclick: () => open(game) }, ...entry(game, report, say)))));
    open(shown.includes(state.game) ? state.game : shown[0], state.game === undefined ? undefined : state.ply);
  }

  function open(game, ply) {
    const isSame = state.game === game;
    state.game = game;
    viewer.open(game);
    if (isSame && ply !== undefined) viewer.go(ply);
    [...list.children].forEach((item, at) => item.firstChild.setAttribute("aria-current", shown[at] === game));
  }

  state.onkey = (key) => {
    const step = { n: 1, p: -1 }[key];
    if (step === undefined) return viewer.press(key);
    const next = shown[shown.indexOf(state.game) + step];
    if (next) open(next);
    return true;
  };
  state.keep = () => (state.ply = viewer.ply);
  fill(filtered(report.games, state.filter).length ? state.filter : "all");
  return [el("section", { "aria-labelledby": "games" }, title, el("div", { class: "viewer" }, el("div", {}, choose, list), viewer.middle, viewer.right))];
}

function entry(game, report, say) {
  const outcome = outcomeOf(game, say);
  const run = report.runs.length > 1 ? `${report.runs[game.run].name}: ` : "";
  return [
    el("b", {}, `${run}${opponentOf(game) || say("game.selfplay")}`), outcome ? el("span", { class: game.lost ? "alarm" : null }, ` ${outcome}`) : null, el("br"),
    el("span", { class: "quiet small" }, storyOf(game, say)),
  ];
}
