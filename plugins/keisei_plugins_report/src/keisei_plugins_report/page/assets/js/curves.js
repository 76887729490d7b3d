// The curves of learning: one chart for each question, all runs in it, alarms marked, the figures behind it as a table.

import { DASHES, colourOf, faded, seriesColour } from "./colours.js";
import { el, figure, table, unfolding } from "./dom.js";

/** What is drawn: `skipFirst` leaves out the update that compiles, `ofGames` those in which no game ended. */
export const CHARTS = [
  { id: "score", figures: ["score"], band: ["score_low", "score_high"], range: [0, 1], dots: true },
  { id: "best", figures: ["score_against_best"], band: ["score_against_best_low", "score_against_best_high"], range: [0, 1], dots: true },
  { id: "entropy", figures: ["relative_entropy"] },
  { id: "kl", figures: ["kl"] },
  { id: "explained", figures: ["explained_variance", "result_explained_variance"] },
  { id: "foresight", figures: ["value_correlation", "material_correlation"], dots: true },
  { id: "endings", figures: ["decisive_rate", "repetition_rate", "truncation_rate", "resignation_rate"], range: [0, 1], ofGames: true },
  { id: "length", figures: ["mean_game_plies"], ofGames: true },
  { id: "signal", figures: ["advantage_std", "value_std"] },
  { id: "sound", figures: ["tactics_share"] },
  { id: "losses", figures: ["value_loss", "tactics_loss", "policy_loss"] },
  { id: "gradient", figures: ["gradient_norm"] },
  { id: "speed", figures: ["plies_per_s"], skipFirst: true },
  { id: "stages", figures: ["act_s", "environment_s", "learn_s"], skipFirst: true },
];
const KNOWN = [
  "update", "plies", "games", "progress", "elapsed_s", "entropy", "games_per_s", "gradient_steps", "score_decided", "score_truncated",
  "score_against_best_decided", "score_against_best_truncated", "material_log_loss", "value_log_loss", "value_positions",
];
const MOST_ROWS = 60;

/** Returns the charts that runs have figures for, and a plain one for each figure that none of them shows. */
export function chartsOf(runs) {
  const has = (name) => runs.some((run) => (run.columns[name] || []).some((value) => value != null));
  const shown = CHARTS.map((chart) => ({ ...chart, figures: chart.figures.filter(has) })).filter((chart) => chart.figures.length);
  const taken = new Set([...KNOWN, ...CHARTS.flatMap((chart) => [...chart.figures, ...(chart.band || [])])]);
  const others = [...new Set(runs.flatMap((run) => Object.keys(run.columns)))].filter((name) => !taken.has(name) && !/_bin_\d/.test(name) && has(name));
  return { shown, others: others.sort().map((name) => ({ id: "other", title: name, figures: [name] })) };
}

/** Returns a figure of a run as the chart shows it: None where it says nothing. */
export function shownColumn(run, name, chart) {
  const { update, games_per_s: ended } = run.columns;
  return (run.columns[name] || update.map(() => null)).map((value, at) => {
    if (chart.skipFirst && update[at] === 1) return null;
    return chart.ofGames && !(ended && ended[at] > 0) ? null : value;
  });
}

/** Draws the section. */
export function drawLearning({ document: report, say }) {
  const section = el("section", { "aria-labelledby": "learning" }, el("h2", { id: "learning" }, say("learning")));
  const runs = report.runs.filter((run) => (run.columns.update || []).length);
  if (!runs.length) return [el("section", {}, el("h2", {}, say("learning")), el("p", {}, say("learning.none")))];
  const { shown, others } = chartsOf(runs);
  const grid = el("div", { class: "grid" }, shown.map((chart) => drawChart(chart, runs, say)));
  section.append(grid);
  if (others.length) section.append(unfolding(say("other"), () => el("div", { class: "grid" }, others.map((chart) => drawChart(chart, runs, say)))));
  return [section];
}

function drawChart(chart, runs, say) {
  const title = chart.title || say(`chart.${chart.id}`);
  const host = el("div", { role: "img", "aria-label": `${title}. ${summary(chart, runs, say)}` });
  const alarms = runs.flatMap((run) => run.alarms.filter((alarm) => chart.figures.includes(alarm.figure)).map((alarm) => ({ ...alarm, run: run.name })));
  const lines = alarms.map((alarm) =>
    el("p", { class: "small" }, el("span", { class: "alarm" }, say("alarm.at", { plies: figure(alarm.plies), name: say.alarm(alarm.name), figure: alarm.figure, mean: figure(alarm.mean) })), ` ${alarm.advice}`),
  );
  whenShown(host, () => plot(host, chart, runs, alarms, say));
  return el(
    "div", { class: "card" },
    el("h3", {}, title), host, lines, el("p", { class: "quiet small" }, say(`chart.${chart.id}.note`)),
    unfolding(say("figures"), () => el("div", { class: "scroll", tabindex: 0 }, runs.map((run) => figures(chart, run, runs.length > 1, say)))),
  );
}

function summary(chart, runs, say) {
  const last = (values) => values.filter((value) => value != null).at(-1);
  return runs.map((run) => `${run.name}: ${chart.figures.map((name) => `${say.figure(name)} ${figure(last(shownColumn(run, name, chart)))}`).join(", ")}`).join("; ");
}

function figures(chart, run, isNamed, say) {
  const names = [...chart.figures, ...(chart.band || [])];
  const columns = names.map((name) => shownColumn(run, name, chart));
  const rows = run.columns.update.map((update, at) => [update, run.columns.plies[at], ...columns.map((column) => column[at])]).filter((row) => row.slice(2).some((value) => value != null));
  const stride = Math.ceil(rows.length / MOST_ROWS);
  const kept = rows.filter((_, at) => at % stride === 0 || at === rows.length - 1);
  return table([say("update"), say("plies"), ...names.map(say.figure)], kept, isNamed ? run.name : null);
}

/** Draws once the element has a width, and again whenever that changes. */
export function whenShown(host, draw) {
  let chart = null;
  const fit = () => {
    if (!host.isConnected || !host.clientWidth) return;
    if (chart === null) chart = draw();
    else if (chart.width !== host.clientWidth) chart.setSize({ width: host.clientWidth, height: chart.height });
  };
  new ResizeObserver(() => requestAnimationFrame(fit)).observe(host);
}

function plot(host, chart, runs, alarms, say) {
  const isOne = runs.length === 1;
  const series = [{ label: say("plies"), value: (_, value) => figure(value) }];
  const bands = [];
  const tables = runs.map((run, index) => {
    const columns = [run.columns.plies];
    chart.figures.forEach((name, at) => {
      if (!isOne && shownColumn(run, name, chart).every((value) => value == null)) return;
      const stroke = seriesColour(isOne ? at : index);
      columns.push(shownColumn(run, name, chart));
      series.push({
        label: isOne ? say.figure(name) : `${run.name} ${chart.figures.length > 1 ? say.figure(name) : ""}`,
        stroke, width: 2, dash: DASHES[at % DASHES.length], spanGaps: true,
        points: { show: Boolean(chart.dots) || run.columns.plies.length < 3, size: 7, fill: stroke },
        value: (_, value) => figure(value),
      });
    });
    if (chart.band && columns.length > 1) {
      const stroke = seriesColour(isOne ? 0 : index);
      const [low, high] = chart.band.map((name) => columns.push(shownColumn(run, name, chart)) && series.push({ label: name, class: "band", stroke: faded(stroke, 0.55), width: 1, spanGaps: true, points: { show: false }, value: (_, value) => figure(value) }) - 1);
      bands.push({ series: [high, low], fill: faded(stroke, 0.16) });
    }
    return columns;
  });
  const axis = { stroke: colourOf("--quiet"), grid: { stroke: faded(colourOf("--quiet"), 0.2), width: 1 }, ticks: { stroke: faded(colourOf("--quiet"), 0.2) } };
  const options = {
    width: host.clientWidth, height: 190, series, bands,
    scales: { x: { time: false }, y: chart.range ? { range: [chart.range[0], chart.range[1] * 1.03] } : {} },
    axes: [{ ...axis, values: (_, values) => values.map(short) }, { ...axis, size: 52, values: (_, values) => values.map(short) }],
    hooks: { draw: [(drawn) => alarms.forEach((alarm) => mark(drawn, alarm.plies, colourOf("--alarm"), "▲"))] },
  };
  return new uPlot(options, uPlot.join(tables), host);
}

/** Draws an upright line at a place of the x axis, with a sign on top. */
export function mark(drawn, x, colour, sign, dash = []) {
  const { ctx, bbox } = drawn;
  const left = drawn.valToPos(x, "x", true);
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = colour;
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.setLineDash(dash.map((length) => length * devicePixelRatio));
  ctx.beginPath();
  ctx.moveTo(left, bbox.top);
  ctx.lineTo(left, bbox.top + bbox.height);
  ctx.stroke();
  ctx.font = `${12 * devicePixelRatio}px system-ui`;
  ctx.textAlign = "center";
  ctx.fillText(sign, left, bbox.top + 10 * devicePixelRatio);
  ctx.restore();
}

function short(value) {
  if (value == null) return "";
  if (Math.abs(value) >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  return Math.abs(value) >= 1e4 ? `${Number((value / 1e3).toPrecision(3))}k` : String(Number(value.toPrecision(4)));
}
