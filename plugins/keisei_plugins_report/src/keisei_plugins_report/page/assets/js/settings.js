// Mates and hanging pieces, settings that differ from the defaults, and the packages of each run.

import { el, table } from "./dom.js";

/** Draws how much the networks saw of one and two plies. */
export function drawSight({ document: report, say }) {
  const of = (part, whole) => say("sight.of", { part, whole, share: whole ? Math.round((100 * part) / whole) : "–" });
  const isOne = report.runs.length === 1;
  const rows = report.runs.filter((run) => run.head.checkpoint).map(({ name, sight }) => [...(isOne ? [] : [name]), of(sight.mates - sight.missed, sight.mates), of(sight.hanging, sight.moves)]);
  const body = rows.length ? table([...(isOne ? [] : [""]), say("sight.mates"), say("sight.hanging")], rows) : el("p", {}, say("sight.none"));
  return [el("section", {}, el("h2", {}, say("sight")), el("div", { class: "card" }, body, el("p", { class: "quiet small" }, say("sight.note"))))];
}

/** Draws the settings; of several runs each key once, with what each of them has. */
export function drawSettings({ document: report, say }) {
  const parts = report.runs.map((run) => {
    const name = report.runs.length > 1 ? el("h3", {}, run.name) : null;
    return el("div", { class: "card" }, name, changed(run.settings, say), el("p", { class: "quiet small" }, `${say("packages")}: ${run.head.packages.join(", ") || "–"}`));
  });
  return [el("section", {}, el("h2", {}, say("settings")), parts)];
}

function changed(settings, say) {
  if (settings === null) return el("p", {}, say("settings.unknown"));
  if (!settings.length) return el("p", {}, say("settings.none"));
  const rows = settings.map(({ key, value, default: usual }) => [key, value, usual]);
  return el("div", { class: "scroll", tabindex: 0 }, table([say("key"), say("settings.value"), say("settings.default")], rows));
}
