// The charts of learning: which figures each shows, and which of them a run has.

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

/** Returns the charts that runs have figures for, and a plain one for each figure that none of them shows. */
export function chartsOf(runs) {
  const has = (name) => runs.some((run) => (run.columns[name] || []).some((value) => value != null));
  const shown = CHARTS.map((chart) => ({ ...chart, figures: chart.figures.filter(has) })).filter((chart) => chart.figures.length);
  const taken = new Set([...KNOWN, ...CHARTS.flatMap((chart) => [...chart.figures, ...(chart.band || [])])]);
  const others = [...new Set(runs.flatMap((run) => Object.keys(run.columns)))].filter((name) => !taken.has(name) && !/_bin_\d/.test(name) && has(name));
  return { shown, others: others.sort().map((name) => ({ id: "other", title: name, figures: [name] })) };
}

/** Returns a figure of a run as the chart shows it: null where it says nothing. */
export function shownColumn(run, name, chart) {
  const { update, games_per_s: ended } = run.columns;
  return (run.columns[name] || update.map(() => null)).map((value, at) => {
    if (chart.skipFirst && update[at] === 1) return null;
    return chart.ofGames && !(ended && ended[at] > 0) ? null : value;
  });
}
