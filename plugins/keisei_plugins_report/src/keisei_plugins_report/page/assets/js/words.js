// Every word of the page, in English and in Japanese.

export const LANGUAGES = { en: "English", ja: "日本語" };

const WORDS = {
  en: {
    "theme.auto": "Theme: as the system", "theme.light": "Theme: light", "theme.dark": "Theme: dark",
    run: "Run {name}", runs: "{count} runs side by side",
    "head.plies": "plies of self-play, of {planned} planned", "head.games": "games finished", "head.time": "of training",
    "head.elo": "Elo against {opponent}, 95 %: {low} to {high}", "head.score": "of the points against {opponent}", "head.network": "{parameters} parameters, {algorithm}",
    "head.machine": "{cpu} cores, {threads} threads, Python {python}", "head.checkpoint": "Newest network: {name}.",
    "head.complete": "Trained to its planned end.",
    "head.games_limit": "Ended by its limit of games, at {share} % of the planned plies.",
    "head.minutes": "Cut short by the clock: {share} % of the planned plies in the {limit} minutes that it had. A longer run may well be stronger.",
    "head.core_minutes": "Ended by its limit of computing: {share} % of the planned plies in the {limit} core-minutes that it had. A longer run may well be stronger.",
    "head.unfinished": "Not finished: {share} % of the planned plies so far.",
    minutes: "{count} min", hours: "{count} h",
    strength: "Strength", "strength.note": "Share of the points with its 95 % interval; to the right of the middle the network is the stronger. A game cut off counts half.",
    "strength.none": "The matches at the end were not played yet.", "strength.cut": "No game ended by itself: this score tells nothing.",
    opponent: "Opponent", score: "Score", interval: "95 % interval", elo: "Elo", wins: "W", draws: "D", losses: "L", truncated: "Cut off", last_opponent: "last match",
    learning: "Learning", "learning.none": "No update was made yet.", figures: "Figures as a table", plies: "plies", update: "update", other: "Other figures",
    "alarm.at": "▲ {plies} plies: {name} ({figure} {mean})",
    "chart.score": "Score in matches", "chart.score.note": "Good: it rises and its band (95 %) narrows or leaves the old one. Warning: it falls for several matches.",
    "chart.best": "Score against the best so far", "chart.best.note": "Good: above 0.5 again and again. Warning: below 0.5 for long, the network no longer gets better.",
    "chart.entropy": "Entropy of the policy (share of the most)", "chart.entropy.note": "Good: a slow fall. Warning: below 0.03 the policy tries nothing any more.",
    "chart.kl": "Step of the policy (KL, nats)", "chart.kl.note": "Good: around 0.01 to 0.05. Warning: above 0.2 the policy jumps, near 0 it stands still.",
    "chart.explained": "Explained variance of the value", "chart.explained.note": "Good: above 0.3 and rising. Warning: below 0.02 the value knows nothing of results.",
    "chart.foresight": "Value and results in matches", "chart.foresight.note": "Correlation with how games ended. Good: the network is above material. Warning: it stays below.",
    "chart.endings": "How games end (shares)", "chart.endings.note": "Good: nearly all decisive. Warning: hardly any, or nearly all cut off.",
    "chart.length": "Plies of a game", "chart.length.note": "Good: settles, often between 80 and 160. Warning: it grows towards the cap.",
    "chart.signal": "Spread of advantages and values", "chart.signal.note": "Good: well above 0. Warning: below 0.002 all moves look alike and nothing is learned.",
    "chart.sound": "Sound moves (share)", "chart.sound.note": "Moves that two plies show to be sound. Good: it rises. Warning: it falls while the entropy does.",
    "chart.losses": "Losses", "chart.losses.note": "Good: those of value and teachers fall and settle. Warning: a jump that stays.",
    "chart.gradient": "Norm of the gradient", "chart.gradient.note": "Good: steady. Warning: spikes of many times the usual.",
    "chart.speed": "Speed (plies/s)", "chart.speed.note": "Good: level. Warning: it falls for good; the first update, which compiles, is left out.",
    "chart.stages": "Seconds of an update", "chart.stages.note": "Where an update's time goes. Warning: the rules take more than the network; the first update is left out.",
    "chart.other.note": "A figure of a plugin.",
    time: "Where time went", "time.act": "choosing moves", "time.environment": "rules and planes", "time.learn": "learning", "time.rest": "matches, checkpoints and the rest", seconds: "seconds", share: "share",
    games: "Games", "games.none": "The run kept no games.", "games.keys": "Keys: ← → a ply, Home and End, N and P the next and previous game, T the turning point, F flips, Space plays.",
    "games.follow": "Follow self-play", "games.all": "All games", "games.lost": "Lost", "games.matches": "Matches", "games.selfplay": "Self-play", "games.list": "Games to choose from", "games.filter": "Which games",
    "game.lost": "LOST", "game.won": "won", "game.even": "even", "game.selfplay": "self-play", "game.training": "match", "game.best": "against the best", "game.last": "last match", "game.rung": "rung",
    "game.update": "update {update}", "game.plies": "{plies} plies", "game.wins": "{winner} wins: {ending}", "game.start": "Start of the game", "game.ply": "Ply {ply}",
    "game.turned": "turned at ply {ply}", "game.never": "behind from the start", "game.unseen": "not seen coming", black: "☗ Black", white: "☖ White",
    "ending.mate": "mate", "ending.repetition": "repetition", "ending.max_plies": "cut off", "ending.declaration": "declaration", "ending.perpetual_check_by_mover": "perpetual check", "ending.perpetual_check_by_opponent": "perpetual check", "ending.resignation": "resignation", "ending.illegal_move": "illegal move", "ending.silence": "silence", "ending.death": "player died",
    "board.label": "Shogi board after {ply} plies", "board.first": "Start", "board.back": "Back", "board.forward": "Forward", "board.last": "End", "board.play": "Play", "board.pause": "Pause", "board.flip": "Flip", "board.turn": "Turning point", "board.copy": "Copy KIF", "board.copied": "Copied", "board.save": "Save KIF", "board.slider": "Ply",
    "value.title": "Expected result for ☗ by ply (1: ☗ wins, −1: ☖)", "value.turning": "The dashed line: the last time the network did not think itself behind.", "value.none": "Nobody told a value in this game.", value: "value for ☗",
    "policy.title": "Where the network wants to go", "policy.none": "The network was not asked.", "policy.note": "Blue squares on the board; ● is what was played.", move: "Move", chance: "Chance",
    "slips.missed": "Mate in one missed at: ", "slips.hanging": "Piece left hanging at: ", "moves.title": "Moves",
    openings: "Openings", "openings.note": "First moves of all games kept that began at the start position: how often, and the share of the points of the side that moved. Matches begin with random plies.", "openings.none": "No game kept began at the start position.", "openings.count": "{games} games, {score} %",
    sight: "Mates and hanging pieces", "sight.note": "The network's own moves in the games above.", "sight.mates": "Mates in one played", "sight.hanging": "Moves that left a piece hanging", "sight.none": "The network was not asked, so nothing was counted.", "sight.of": "{part} of {whole} ({share} %)",
    settings: "Settings that differ from the defaults", "settings.none": "All settings are at their defaults.", "settings.unknown": "A plugin of this run is not installed here, so its settings could not be compared; see config.toml.", key: "Key", "settings.value": "Value", "settings.default": "Default", packages: "Made with",
    footer: "Made by Keisei {version}. This page needs no network. Curves by uPlot (MIT).",
  },
  ja: {
    "theme.auto": "配色：システムに従う", "theme.light": "配色：明", "theme.dark": "配色：暗",
    run: "学習 {name}", runs: "学習 {count} 件の比較",
    "head.plies": "手の自己対局（予定 {planned} 手）", "head.games": "局が終局", "head.time": "の学習時間",
    "head.elo": "{opponent} とのレート差（95 %：{low} ～ {high}）", "head.score": "{opponent} に対する得点率", "head.network": "パラメータ {parameters}、{algorithm}",
    "head.machine": "CPU {cpu} コア、{threads} スレッド、Python {python}", "head.checkpoint": "最新のネットワーク：{name}。",
    "head.complete": "予定どおり最後まで学習しました。",
    "head.games_limit": "局数の上限で終了しました（予定の手数の {share} %）。",
    "head.minutes": "時間切れで終了しました：制限時間 {limit} 分で予定の手数の {share} %。長く学習すれば強くなる余地があります。",
    "head.core_minutes": "計算時間の上限で終了しました：{limit} コア分で予定の手数の {share} %。長く学習すれば強くなる余地があります。",
    "head.unfinished": "学習は途中です：予定の手数の {share} %。",
    minutes: "{count} 分", hours: "{count} 時間",
    strength: "強さ", "strength.note": "得点率と95 %信頼区間。中央より右ならネットワークの方が強い。打ち切りは 0.5 点と数えます。",
    "strength.none": "最後の対局はまだ行われていません。", "strength.cut": "一局も終局していないため、この得点率に意味はありません。",
    opponent: "相手", score: "得点率", interval: "95 %信頼区間", elo: "レート差", wins: "勝", draws: "分", losses: "敗", truncated: "打ち切り", last_opponent: "最後の対局",
    learning: "学習の経過", "learning.none": "まだ更新がありません。", figures: "数値を表で見る", plies: "手数", update: "更新", other: "その他の数値",
    "alarm.at": "▲ {plies} 手：{name}（{figure} {mean}）",
    "chart.score": "対局の得点率", "chart.score.note": "良い：上昇し、帯（95 %）が前の帯を離れる。注意：数回続けて下がる。",
    "chart.best": "これまでの最良との得点率", "chart.best.note": "良い：繰り返し 0.5 を超える。注意：長く 0.5 を下回るなら、もう強くなっていない。",
    "chart.entropy": "方策のエントロピー（最大に対する割合）", "chart.entropy.note": "良い：ゆっくり下がる。注意：0.03 未満では新しい手を試さない。",
    "chart.kl": "方策の変化（KL、nat）", "chart.kl.note": "良い：0.01～0.05 程度。注意：0.2 を超えると急変、0 に近いと停滞。",
    "chart.explained": "価値の説明分散", "chart.explained.note": "良い：0.3 を超えて上昇。注意：0.02 未満では結果を予測できていない。",
    "chart.foresight": "対局の結果と価値の相関", "chart.foresight.note": "良い：ネットワークが駒得より上。注意：下のまま。",
    "chart.endings": "終局の内訳（割合）", "chart.endings.note": "良い：ほとんど勝敗がつく。注意：ほとんどつかない、または打ち切りばかり。",
    "chart.length": "一局の手数", "chart.length.note": "良い：落ち着く（80～160 手が多い）。注意：上限に近づく。",
    "chart.signal": "アドバンテージと価値のばらつき", "chart.signal.note": "良い：0 から離れている。注意：0.002 未満ではどの手も同じに見え、学習が進まない。",
    "chart.sound": "堅実な手の割合", "chart.sound.note": "二手読みで堅実とわかる手。良い：上昇。注意：エントロピーと共に下がる。",
    "chart.losses": "損失", "chart.losses.note": "良い：価値と教師の損失が下がって落ち着く。注意：跳ね上がって戻らない。",
    "chart.gradient": "勾配のノルム", "chart.gradient.note": "良い：安定。注意：ふだんの何倍もの突出。",
    "chart.speed": "速度（手／秒）", "chart.speed.note": "良い：一定。注意：下がったまま。コンパイルを含む最初の更新は除きます。",
    "chart.stages": "一回の更新の秒数", "chart.stages.note": "更新の時間の内訳。注意：ルールの処理がネットワークより長い。最初の更新は除きます。",
    "chart.other.note": "プラグインの数値。",
    time: "時間の内訳", "time.act": "着手の選択", "time.environment": "ルールと入力", "time.learn": "学習", "time.rest": "対局・保存・その他", seconds: "秒", share: "割合",
    games: "棋譜", "games.none": "棋譜は残されていません。", "games.keys": "キー：← → 一手、Home・End 最初と最後、N・P 次と前の対局、T 勝敗の分かれ目、F 反転、スペース 自動再生。",
    "games.follow": "自己対局を追う", "games.all": "すべての対局", "games.lost": "負け", "games.matches": "対局", "games.selfplay": "自己対局", "games.list": "対局の一覧", "games.filter": "表示する対局",
    "game.lost": "負け", "game.won": "勝ち", "game.even": "引き分け", "game.selfplay": "自己対局", "game.training": "途中の対局", "game.best": "最良との対局", "game.last": "最後の対局", "game.rung": "段の対局",
    "game.update": "更新 {update}", "game.plies": "{plies} 手", "game.wins": "{winner}の勝ち（{ending}）", "game.start": "開始局面", "game.ply": "{ply} 手目",
    "game.turned": "{ply} 手目が分かれ目", "game.never": "最初から劣勢", "game.unseen": "負けに気づかず", black: "☗先手", white: "☖後手",
    "ending.mate": "詰み", "ending.repetition": "千日手", "ending.max_plies": "打ち切り", "ending.declaration": "入玉宣言", "ending.perpetual_check_by_mover": "連続王手の千日手", "ending.perpetual_check_by_opponent": "連続王手の千日手", "ending.resignation": "投了", "ending.illegal_move": "反則手", "ending.silence": "無応答", "ending.death": "エンジン異常終了",
    "board.label": "{ply} 手目の盤面", "board.first": "最初", "board.back": "戻る", "board.forward": "進む", "board.last": "最後", "board.play": "再生", "board.pause": "停止", "board.flip": "反転", "board.turn": "分かれ目", "board.copy": "棋譜をコピー", "board.copied": "コピーしました", "board.save": "棋譜を保存", "board.slider": "手数",
    "value.title": "☗から見た期待値（1：☗の勝ち、−1：☖の勝ち）", "value.turning": "破線：ネットワークが最後に互角以上と見た局面。", "value.none": "この対局には評価値がありません。", value: "☗の期待値",
    "policy.title": "ネットワークの候補手", "policy.none": "ネットワークに尋ねていません。", "policy.note": "盤上の青いマス。● は実際の指し手。", move: "指し手", chance: "確率",
    "slips.missed": "一手詰めの見逃し：", "slips.hanging": "駒のただ損：", "moves.title": "指し手",
    openings: "序盤", "openings.note": "平手で始まった対局の初手からの手順：局数と、指した側の得点率。対局は無作為な手で始まります。", "openings.none": "平手で始まった棋譜がありません。", "openings.count": "{games} 局、{score} %",
    sight: "一手詰めと駒のただ損", "sight.note": "上の対局でのネットワーク自身の指し手。", "sight.mates": "指した一手詰め", "sight.hanging": "駒をただで取られる手", "sight.none": "ネットワークに尋ねていないため、数えていません。", "sight.of": "{whole} 中 {part}（{share} %）",
    settings: "既定値と異なる設定", "settings.none": "すべて既定値です。", "settings.unknown": "この学習のプラグインがここにないため比べられません。config.toml を見てください。", key: "キー", "settings.value": "値", "settings.default": "既定値", packages: "使用したもの",
    footer: "Keisei {version} が作成。このページはネットワークに接続しません。グラフ：uPlot（MIT）。",
  },
};

const ALARMS = {
  "value collapse": "価値の崩壊", "entropy collapse": "エントロピーの崩壊", "draws only": "引き分けばかり", "games cut off": "打ち切りばかり", "no learning signal": "学習信号なし", "steps too large": "更新が大きすぎる",
};

const FIGURES = {
  en: {
    score: "score", score_low: "low", score_high: "high", score_against_best: "score", score_against_best_low: "low", score_against_best_high: "high",
    relative_entropy: "entropy", kl: "KL", explained_variance: "of returns", result_explained_variance: "of results",
    value_correlation: "network", material_correlation: "material", decisive_rate: "decisive", repetition_rate: "repetition", truncation_rate: "cut off", resignation_rate: "given up",
    mean_game_plies: "plies", advantage_std: "advantages", value_std: "values", tactics_share: "sound", value_loss: "value", tactics_loss: "tactics", policy_loss: "policy",
    gradient_norm: "norm", plies_per_s: "plies/s", act_s: "choosing moves", environment_s: "rules", learn_s: "learning",
  },
  ja: {
    score: "得点率", score_low: "下限", score_high: "上限", score_against_best: "得点率", score_against_best_low: "下限", score_against_best_high: "上限",
    relative_entropy: "エントロピー", kl: "KL", explained_variance: "収益", result_explained_variance: "結果",
    value_correlation: "ネットワーク", material_correlation: "駒得", decisive_rate: "勝敗あり", repetition_rate: "千日手", truncation_rate: "打ち切り", resignation_rate: "投了",
    mean_game_plies: "手数", advantage_std: "アドバンテージ", value_std: "価値", tactics_share: "堅実", value_loss: "価値", tactics_loss: "戦術", policy_loss: "方策",
    gradient_norm: "ノルム", plies_per_s: "手／秒", act_s: "着手", environment_s: "ルール", learn_s: "学習",
  },
};

/**
 * Returns a function that gives the words of a language, with `{name}` filled in; an unknown key stands for itself. `more` are
 * words of another page, by language.
 */
export function wordsOf(language, more = {}) {
  const words = { ...WORDS[language], ...more[language] };
  const say = (key, values = {}) => (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? "–"));
  say.language = language;
  say.has = (key) => key in words;
  say.ending = (ending) => (`ending.${ending}` in words ? words[`ending.${ending}`] : ending.replaceAll("_", " "));
  say.figure = (name) => FIGURES[language][name] ?? name;
  say.alarm = (name) => (language === "ja" ? ALARMS[name] ?? name : name);
  return say;
}

/** The keys of each language, for whoever wants to see that none is missing. */
export function keysOf(language) {
  return Object.keys(WORDS[language]).sort();
}
