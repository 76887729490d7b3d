// Every word of the page, in English and in Japanese.

export const LANGUAGES = { en: "English", ja: "日本語" };

const WORDS = {
  en: {
    title: "Play against {name}", "theme.auto": "Theme: as the system", "theme.light": "Theme: light", "theme.dark": "Theme: dark",
    connecting: "Connecting to the server …", lost: "The server does not answer. Start it again with the same command: the page finds it by itself, but its game is gone.",
    refused: "The server was started anew. Open the address that it printed.", failed: "{name} failed: {problem}", again: "Ask it again",
    "new": "New game", begin: "Begin", cancel: "Cancel", start: "Start", colour: "You play", strength: "Strength", sfen: "Position (SFEN, with moves behind it if you like)",
    "colour.black": "☗ Black, who moves first", "colour.white": "☖ White", "colour.either": "either, by lot", "colour.black.odds": "☗ Black, who gets the odds", "colour.white.odds": "☖ White, who gives them",
    "strength.0": "its policy alone, no looking ahead", "strength.n": "{count} positions a move",
    "start.startpos": "Even game", "start.lance": "Lance handicap", "start.right-lance": "Right lance handicap", "start.bishop": "Bishop handicap", "start.rook": "Rook handicap", "start.rook-lance": "Rook and lance handicap",
    "start.two-piece": "Two-piece handicap", "start.four-piece": "Four-piece handicap", "start.six-piece": "Six-piece handicap", "start.eight-piece": "Eight-piece handicap", "start.ten-piece": "Ten-piece handicap", "start.sfen": "Another position",
    "you.turn": "Your move", "you.check": "Your move: check!", thinks: "{name} is thinking …", seats: "The opponent takes its seat …", you: "You", black: "☗ Black", white: "☖ White",
    undo: "Take back", hint: "Hint", resign: "Resign", "resign.sure": "Really resign?", flip: "Flip", save: "Save KIF", "save.csa": "Save CSA", "save.kifu": "Save KIF (UTF-8)",
    "won": "You win", "lost.game": "You lose", "drawn": "A draw", "nothing": "No result",
    "ending.mate": "mate", "ending.resignation": "resignation", "ending.repetition": "the same position for the fourth time", "ending.declaration": "declaration, the king is in the camp with 27 points",
    "ending.perpetual_check": "perpetual check by the loser, the same position for the fourth time", "ending.max_plies": "the game was cut off after 512 plies",
    "ending.illegal_move": "an illegal move", "ending.silence": "no answer in time", "ending.death": "the opponent's program ended",
    promotion: "Promote?", promote: "Promote", keep: "Leave it", board: "Shogi board. Arrow keys move the frame, Enter takes a piece up and puts it down, Escape leaves it.",
    "key.note": "Keys: arrows and Enter on the board, U takes back, H hint, F flips, N new game. Or type a move as 7g7f, 2d2c+ or P*5e:", type: "A move in USI", illegal: "{move} is no legal move here",
    hints: "It would think of: {moves}", "hints.none": "It has no opinion here.", chosen: "{piece} {square} taken up, squares to go to: {count}", empty: "empty", hand: "in hand",
    values: "What it expects, for you (1: you win, −1: it wins)", "values.table": "As a table", "values.none": "It tells no value yet.", moves: "Moves", "moves.none": "No move yet.", tabs: "All tabs of this page show the same game.", number: "Ply {count}",
    P: "pawn", L: "lance", N: "knight", S: "silver", G: "gold", B: "bishop", R: "rook", K: "king", "+P": "promoted pawn", "+L": "promoted lance", "+N": "promoted knight", "+S": "promoted silver", "+B": "horse", "+R": "dragon",
  },
  ja: {
    title: "{name} と対局", "theme.auto": "配色：システムに従う", "theme.light": "配色：明", "theme.dark": "配色：暗",
    connecting: "サーバーに接続しています…", lost: "サーバーが応答しません。同じコマンドで起動し直すと自動でつながりますが、対局は残りません。",
    refused: "サーバーが起動し直されました。表示されたアドレスを開いてください。", failed: "{name} が失敗しました：{problem}", again: "もう一度考えさせる",
    "new": "新しい対局", begin: "対局開始", cancel: "やめる", start: "手合割", colour: "あなたの手番", strength: "強さ", sfen: "局面（SFEN、後ろに指し手も可）",
    "colour.black": "☗ 先手", "colour.white": "☖ 後手", "colour.either": "振り駒", "colour.black.odds": "☗ 下手", "colour.white.odds": "☖ 上手",
    "strength.0": "方策のみ（先読みなし）", "strength.n": "一手に {count} 局面",
    "start.startpos": "平手", "start.lance": "香落ち", "start.right-lance": "右香落ち", "start.bishop": "角落ち", "start.rook": "飛車落ち", "start.rook-lance": "飛香落ち",
    "start.two-piece": "二枚落ち", "start.four-piece": "四枚落ち", "start.six-piece": "六枚落ち", "start.eight-piece": "八枚落ち", "start.ten-piece": "十枚落ち", "start.sfen": "任意の局面",
    "you.turn": "あなたの番です", "you.check": "あなたの番です：王手", thinks: "{name} が考えています…", seats: "相手を準備しています…", you: "あなた", black: "☗ 先手", white: "☖ 後手",
    undo: "待った", hint: "ヒント", resign: "投了", "resign.sure": "本当に投了しますか", flip: "反転", save: "KIF を保存", "save.csa": "CSA を保存", "save.kifu": "KIF を保存（UTF-8）",
    "won": "あなたの勝ち", "lost.game": "あなたの負け", "drawn": "引き分け", "nothing": "勝敗なし",
    "ending.mate": "詰み", "ending.resignation": "投了", "ending.repetition": "千日手", "ending.declaration": "入玉宣言（27 点法）",
    "ending.perpetual_check": "連続王手の千日手（負けた側の反則）", "ending.max_plies": "512 手で打ち切り",
    "ending.illegal_move": "反則手", "ending.silence": "時間切れ", "ending.death": "相手のプログラムが終了",
    promotion: "成りますか", promote: "成る", keep: "成らない", board: "将棋盤。矢印キーで枠を動かし、Enter で駒を持ち、置きます。Escape で戻します。",
    "key.note": "キー：盤上で矢印と Enter、U 待った、H ヒント、F 反転、N 新しい対局。7g7f、2d2c+、P*5e のように入力もできます：", type: "USI の指し手", illegal: "{move} はここでは指せません",
    hints: "候補手：{moves}", "hints.none": "この局面には意見がありません。", chosen: "{square} {piece}：行き先 {count} か所", empty: "空き", hand: "持駒",
    values: "相手の形勢判断（あなたから見て、1：勝ち、−1：負け）", "values.table": "表", "values.none": "まだ評価がありません。", moves: "棋譜", "moves.none": "まだ指し手がありません。", tabs: "このページのどのタブにも同じ対局が出ます。", number: "{count} 手",
    P: "歩", L: "香", N: "桂", S: "銀", G: "金", B: "角", R: "飛", K: "玉", "+P": "と", "+L": "成香", "+N": "成桂", "+S": "成銀", "+B": "馬", "+R": "龍",
  },
};

/** Returns a function that says a word of a language, with values in its gaps. */
export function wordsOf(language) {
  const words = WORDS[language];
  const say = (key, values = {}) => (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? "–"));
  say.language = language;
  return say;
}

/** The keys of each language, for whoever wants to see that none is missing. */
export function keysOf(language) {
  return Object.keys(WORDS[language]).sort();
}
