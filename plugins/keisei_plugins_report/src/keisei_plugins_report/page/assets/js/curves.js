// The curves of learning: one card for each question, all runs in it, alarms marked, the figures behind it as a table.

import { chartsOf, shownColumn } from "./charts.js";
import { el, figure, refilled, table, unfolding } from "./dom.js";
import { Plot } from "./plot.js";

const MOST_ROWS = 60;

/** Draws the section; `update` lets its curves grow. */
export function drawLearning({ document: report, say }) {
  const title = el("h2", { id: "learning" }, say("learning"));
  const runs = withUpdates(report);
  if (!runs.length) return [el("section", {}, title, el("p", {}, say("learning.none")))];
  const { shown, others } = chartsOf(runs);
  const cards = [...shown, ...others].map((chart) => new Card(chart, say));
  const grid = (some) => el("div", { class: "grid" }, some.map((card) => card.element));
  const more = others.length ? unfolding(say("other"), () => grid(cards.slice(shown.length))) : null;
  cards.forEach((card) => card.show(runs));
  return {
    parts: [el("section", { "aria-labelledby": "learning" }, title, grid(cards.slice(0, shown.length)), more)],
    update: (context) => grown(cards, withUpdates(context.document)),
  };
}

function withUpdates(report) {
  return report.runs.filter((run) => (run.columns.update || []).length);
}

/** Shows runs in cards; returns false where these are not the ones that the runs need. */
function grown(cards, runs) {
  const { shown, others } = chartsOf(runs);
  const needed = JSON.stringify([...shown, ...others]);
  if (needed !== JSON.stringify(cards.map((card) => card.chart))) return false;
  cards.forEach((card) => card.show(runs));
  return true;
}

/** One chart with its words. */
class Card {
  constructor(chart, say) {
    Object.assign(this, { chart, say, runs: [] });
    this.title = chart.title || say(`chart.${chart.id}`);
    this.host = el("div", { role: "img" });
    this.plot = new Plot(this.host, chart, say);
    this.alarms = el("div");
    this.table = el("div", { class: "scroll", tabindex: 0 });
    this.unfolded = unfolding(say("figures"), () => this.table);
    this.unfolded.addEventListener("toggle", () => this.fill());
    this.element = el("div", { class: "card" }, el("h3", {}, this.title), this.host, this.alarms, el("p", { class: "quiet small" }, say(`chart.${chart.id}.note`)), this.unfolded);
  }

  show(runs) {
    this.runs = runs;
    const alarms = runs.flatMap((run) => run.alarms.filter((alarm) => this.chart.figures.includes(alarm.figure)));
    this.host.setAttribute("aria-label", `${this.title}. ${this.summary()}`);
    this.alarms.replaceChildren(...alarms.map((alarm) => el("p", { class: "small" }, alarmOf(alarm, this.say), ` ${alarm.advice}`)));
    this.plot.show(runs, alarms);
    this.fill();
  }

  summary() {
    const last = (values) => values.filter((value) => value != null).at(-1);
    const told = (run) => this.chart.figures.map((name) => `${this.say.figure(name)} ${figure(last(shownColumn(run, name, this.chart)))}`);
    return this.runs.map((run) => `${run.name}: ${told(run).join(", ")}`).join("; ");
  }

  /** Writes the table where somebody looks at it. */
  fill() {
    if (this.unfolded.open) refilled(this.table, this.runs.map((run) => figures(this.chart, run, this.runs.length > 1, this.say)));
  }
}

/** Says when the run warned of what. */
export function alarmOf(alarm, say) {
  const words = { plies: figure(alarm.plies), name: say.alarm(alarm.name), figure: alarm.figure, mean: figure(alarm.mean) };
  return el("span", { class: "alarm" }, say("alarm.at", words));
}

function figures(chart, run, isNamed, say) {
  const names = [...chart.figures, ...(chart.band || [])];
  const columns = names.map((name) => shownColumn(run, name, chart));
  const rows = run.columns.update.map((update, at) => [update, run.columns.plies[at], ...columns.map((column) => column[at])]).filter((row) => row.slice(2).some((value) => value != null));
  const stride = Math.ceil(rows.length / MOST_ROWS);
  const kept = rows.filter((_, at) => at % stride === 0 || at === rows.length - 1);
  return table([say("update"), say("plies"), ...names.map(say.figure)], kept, isNamed ? run.name : null);
}
