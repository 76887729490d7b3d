// The score against each opponent: a dot and its interval on one scale, and the same as a table.

import { seriesColour } from "./colours.js";
import { el, figure, table, unfolding } from "./dom.js";

/** Writes an Elo difference; an infinite one is a sign alone. */
export function signed(value) {
  return value == null ? "±∞" : `${value >= 0 ? "+" : "−"}${Math.abs(Math.round(value))}`;
}

/** Draws the section. */
export function drawStrength({ document: report, say }) {
  const rows = report.runs.flatMap((run, index) => run.strength.map((row) => ({ ...row, run: run.name, index })));
  const section = el("section", { "aria-labelledby": "strength" }, el("h2", { id: "strength" }, say("strength")));
  if (!rows.length) return [section, el("p", {}, say("strength.none"))];
  const opponents = [...new Set(rows.map((row) => row.opponent))];
  const ordered = opponents.flatMap((opponent) => rows.filter((row) => row.opponent === opponent));
  const isOne = report.runs.length === 1;
  section.append(
    el("div", { class: "card" }, whiskers(ordered, isOne, say), isOne ? null : legend(report.runs), el("p", { class: "quiet small" }, say("strength.note")),
      ordered.filter((row) => row.truncated === row.games).map((row) => el("p", { class: "alarm" }, `${row.opponent}: ${say("strength.cut")}`)),
      unfolding(say("figures"), () => el("div", { class: "scroll", tabindex: 0 }, figures(ordered, isOne, say)))),
  );
  return [section];
}

/** Draws a row for each score: who, the interval on a scale from 0 to 1, the figures. */
function whiskers(rows, isOne, say) {
  const scale = el("div", { class: "track ticks" }, [0, 0.25, 0.5, 0.75, 1].map((score) => placed(el("span", { class: "tick" }, score), "left", score)));
  return el("div", { class: "scores" }, rows.flatMap((row) => [...whisker(row, isOne, say)]), el("span", { class: "blank" }), scale, el("span", { class: "blank" }));
}

function whisker(row, isOne, say) {
  const opponent = row.opponent || say("last_opponent");
  const colour = `var(--series-${isOne ? 1 : (row.index % 6) + 1})`;
  const range = placed(el("span", { class: "range" }), "left", row.low);
  range.style.width = `${100 * (row.high - row.low)}%`;
  const dot = placed(el("span", { class: "dot" }), "left", row.score);
  range.style.background = dot.style.background = colour;
  const label = `${row.run}, ${opponent}: ${figure(row.score)} [${figure(row.low)}, ${figure(row.high)}]`;
  return [
    el("span", { class: "who" }, opponent),
    el("div", { class: "track", role: "img", "aria-label": label }, range, dot),
    el("span", { class: "quiet small" }, `${row.score.toFixed(2)} · ${row.wins}/${row.draws}/${row.losses}`),
  ];
}

function placed(element, side, share) {
  element.style[side] = `${100 * share}%`;
  return element;
}

/** Names the runs by their colours. */
export function legend(runs) {
  return el("p", { class: "small" }, runs.map((run, index) => {
    const swatch = el("span", { class: "swatch" });
    swatch.style.borderColor = seriesColour(index);
    return el("span", {}, swatch, `${run.name}  `);
  }));
}

function figures(rows, isOne, say) {
  const heads = ["opponent", "score", "interval", "elo", "interval", "wins", "draws", "losses", "truncated"].map((key) => say(key));
  const cells = (row) => [
    row.opponent || say("last_opponent"), row.score, `${figure(row.low)} – ${figure(row.high)}`, signed(row.elo),
    `${signed(row.elo_low)} – ${signed(row.elo_high)}`, row.wins, row.draws, row.losses, row.truncated,
  ];
  return isOne ? table(heads, rows.map(cells)) : table(["run", ...heads], rows.map((row) => [row.run, ...cells(row)]));
}
