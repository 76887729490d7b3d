// Curves on paper: one plot by uPlot, which takes more points as they come, and marks in it.

import { shownColumn } from "./charts.js";
import { DASHES, colourOf, faded, seriesColour } from "./colours.js";
import { figure } from "./dom.js";

const HEIGHT = 190;

/** The plot of a chart in an element, drawn once that has a width, and again whenever that changes. */
export class Plot {
  constructor(host, chart, say) {
    Object.assign(this, { host, chart, say, alarms: [], drawn: null });
    whenShown(host, () => (this.drawn ? fitted(this.drawn, host) : this.draw()));
  }

  /** Shows runs and their alarms; other lines than before are drawn anew, the same ones only grow. */
  show(runs, alarms) {
    this.alarms = alarms;
    const { series, bands, data } = contentOf(this.chart, runs, this.say);
    const isSame = this.drawn && String(series.map(keyOf)) === String(this.series.map(keyOf));
    Object.assign(this, { series, bands, data });
    if (isSame) this.drawn.setData(data);
    else if (this.drawn) this.draw();
  }

  draw() {
    const { series, bands, host } = this;
    this.drawn?.destroy();
    const { range } = this.chart;
    const axis = { ...axisOf(), values: (_, values) => values.map(short) };
    this.drawn = new uPlot({
      width: host.clientWidth, height: HEIGHT, series, bands, axes: [axis, { ...axis, size: 52 }],
      scales: { x: { time: false }, y: range ? { range: [range[0], range[1] * 1.03] } : {} },
      hooks: { draw: [(drawn) => this.alarms.forEach((alarm) => mark(drawn, alarm.plies, colourOf("--alarm"), "▲"))] },
    }, this.data, host);
  }
}

/** Calls `fit` once an element has a width, and again whenever that changes. */
export function whenShown(host, fit) {
  new ResizeObserver(() => requestAnimationFrame(() => host.isConnected && host.clientWidth && fit())).observe(host);
}

/** Makes a plot as wide as its element. */
export function fitted(drawn, host) {
  if (drawn.width !== host.clientWidth) drawn.setSize({ width: host.clientWidth, height: drawn.height });
}

/** Returns how an axis looks. */
export function axisOf() {
  const quiet = colourOf("--quiet");
  return { stroke: quiet, grid: { stroke: faded(quiet, 0.2), width: 1 }, ticks: { stroke: faded(quiet, 0.2) } };
}

/** What stays the same while a line grows. */
function keyOf(line) {
  return `${line.label}|${line.points?.show}`;
}

/** Returns the lines of a chart, the bands between them, and their columns. */
function contentOf(chart, runs, say) {
  const series = [{ label: say("plies"), value: (_, value) => figure(value) }];
  const bands = [];
  const tables = runs.map((run, index) => [run.columns.plies, ...linesOf(chart, run, runs.length === 1 ? null : index, series, bands, say)]);
  return { series, bands, data: uPlot.join(tables) };
}

/** Adds the lines and the band of one run, and returns their columns; `index` is null where there is only this run. */
function linesOf(chart, run, index, series, bands, say) {
  const columns = [];
  const add = (name, line) => columns.push(shownColumn(run, name, chart)) && series.push({ spanGaps: true, value: (_, value) => figure(value), ...line }) - 1;
  chart.figures.forEach((name, at) => {
    if (index !== null && shownColumn(run, name, chart).every((value) => value == null)) return;
    const stroke = seriesColour(index ?? at);
    const label = index === null ? say.figure(name) : `${run.name} ${chart.figures.length > 1 ? say.figure(name) : ""}`;
    add(name, { label, stroke, width: 2, dash: DASHES[at % DASHES.length], points: { show: Boolean(chart.dots) || run.columns.plies.length < 3, size: 7, fill: stroke } });
  });
  if (chart.band && columns.length) {
    const stroke = seriesColour(index ?? 0);
    const [low, high] = chart.band.map((name) => add(name, { label: name, class: "band", stroke: faded(stroke, 0.55), width: 1, points: { show: false } }));
    bands.push({ series: [high, low], fill: faded(stroke, 0.16) });
  }
  return columns;
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
