// The score against each opponent: a dot and its interval on one scale, and the same as a table.

import { seriesColour } from "./colours.js";
import { el, figure, svg, table, unfolding } from "./dom.js";

const ROW = 34;
const LEFT = 262;
const WIDTH = 300;

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

function whiskers(rows, isOne, say) {
  const x = (score) => LEFT + score * WIDTH;
  const height = rows.length * ROW + 30;
  const label = rows.map((row) => `${row.run} ${row.opponent}: ${figure(row.score)} [${figure(row.low)}, ${figure(row.high)}]`).join("; ");
  const root = svg("svg", { viewBox: `0 0 ${LEFT + WIDTH + 130} ${height}`, width: "100%", style: null, role: "img", "aria-label": label });
  for (const score of [0, 0.25, 0.5, 0.75, 1]) {
    root.append(
      svg("path", { d: `M${x(score)} 4V${height - 24}`, stroke: "var(--line)", "stroke-width": score === 0.5 ? 2 : 1 }),
      svg("text", { x: x(score), y: height - 8, "text-anchor": "middle", "font-size": 12, fill: "var(--quiet)" }, score),
    );
  }
  rows.forEach((row, at) => {
    const y = 20 + at * ROW;
    const colour = `var(--series-${isOne ? 1 : (row.index % 6) + 1})`;
    root.append(
      svg("text", { x: LEFT - 12, y: y + 5, "text-anchor": "end", "font-size": 13, fill: "var(--text)" }, row.opponent || say("last_opponent")),
      svg("path", { d: `M${x(row.low)} ${y}H${x(row.high)}M${x(row.low)} ${y - 5}v10M${x(row.high)} ${y - 5}v10`, stroke: colour, "stroke-width": 3, fill: "none" }),
      svg("circle", { cx: x(row.score), cy: y, r: 6, fill: colour }),
      svg("text", { x: LEFT + WIDTH + 14, y: y + 5, "font-size": 13, fill: "var(--quiet)" }, `${figure(row.score)}  ${row.wins}/${row.draws}/${row.losses}`),
    );
  });
  return root;
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
