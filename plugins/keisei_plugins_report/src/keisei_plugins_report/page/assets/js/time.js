// Where the time of a run went, as one bar and a table.

import { el, figure, table } from "./dom.js";

const STAGES = ["act", "environment", "learn", "rest"];

/** Draws the section. */
export function drawTime({ document: report, say }) {
  const runs = report.runs.filter((run) => Object.keys(run.time).length);
  if (!runs.length) return [];
  return [el("section", {}, el("h2", {}, say("time")), runs.map((run) => el("div", { class: "card" }, report.runs.length > 1 ? el("h3", {}, run.name) : null, ...bar(run.time, say))))];
}

function bar(time, say) {
  const total = STAGES.reduce((sum, stage) => sum + time[stage], 0) || 1;
  const stack = el("div", { class: "stack", "aria-hidden": "true" }, STAGES.map((stage, at) => {
    const part = el("span", { title: say(`time.${stage}`) });
    part.style.width = `${(100 * time[stage]) / total}%`;
    part.style.background = `var(--series-${at + 1})`;
    return part;
  }));
  const rows = STAGES.map((stage, at) => {
    const swatch = el("span", { class: "swatch" });
    swatch.style.borderColor = `var(--series-${at + 1})`;
    return [el("span", {}, swatch, say(`time.${stage}`)), figure(time[stage]), `${Math.round((100 * time[stage]) / total)} %`];
  });
  return [stack, table(["", say("seconds"), say("share")], rows)];
}
