// The top of the page: what was trained, for how long, on what, how strong it is, and what ended it.

import { alarmOf } from "./curves.js";
import { el, figure } from "./dom.js";
import { signed } from "./strength.js";

/** Draws the facts of every run. */
export function drawHead({ document: report, say }) {
  return report.runs.flatMap((run) => [
    report.runs.length > 1 ? el("h2", {}, say("run", { name: run.name })) : null,
    el("ul", { class: "tiles" }, tiles(run, say).map(([value, text]) => el("li", { class: "tile" }, el("b", {}, value), el("span", { class: "quiet small" }, text)))),
    el("p", {}, ended(run.head, say), run.head.checkpoint ? ` ${say("head.checkpoint", { name: run.head.checkpoint })}` : ""),
    ...(report.runs.length === 1 ? run.alarms.map((alarm) => el("p", {}, alarmOf(alarm, say))) : []),
  ]);
}

function tiles(run, say) {
  const { head } = run;
  const found = [
    [figure(head.plies), say("head.plies", { planned: figure(head.planned_plies) })],
    [figure(head.games), say("head.games")],
    [duration(head.seconds, say), say("head.time")],
    [head.model, head.parameters == null ? head.algorithm : say("head.network", { parameters: figure(head.parameters), algorithm: head.algorithm })],
    [head.gpu || head.device || "–", say("head.machine", { cpu: head.cpu_count, threads: head.torch_threads, python: head.python })],
  ];
  const hardest = hardestOf(run.strength);
  if (hardest) found.unshift(strengthTile(hardest, say));
  return found;
}

/** Returns the row of the opponent that was hardest to beat: it tells most. */
export function hardestOf(rows) {
  return rows.reduce((hardest, row) => (hardest === null || row.score < hardest.score ? row : hardest), null);
}

function strengthTile(row, say) {
  const opponent = row.opponent || say("last_opponent");
  if (row.elo === null) return [figure(row.score), say("head.score", { opponent })];
  return [signed(row.elo), say("head.elo", { opponent, low: signed(row.elo_low), high: signed(row.elo_high) })];
}

/** Says how long something takes. */
export function duration(seconds, say) {
  return seconds < 5400 ? say("minutes", { count: (seconds / 60).toFixed(1) }) : say("hours", { count: (seconds / 3600).toFixed(1) });
}

function ended(head, say) {
  const share = Math.round((100 * head.plies) / head.planned_plies);
  const keys = { plies: "head.complete", games: "head.games_limit", minutes: "head.minutes", core_minutes: "head.core_minutes" };
  return say(keys[head.ended_by] || "head.unfinished", { share, limit: head[`limit_${head.ended_by}`] });
}
