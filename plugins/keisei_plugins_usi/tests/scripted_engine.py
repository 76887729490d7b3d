"""A USI engine without rules, which does right in every situation, or wrong in the one that it is told by name.

    python scripted_engine.py ANSWERS [SITUATION]

ANSWERS is a JSON file: for each position command the moves that may be answered, best first, or none in a mate; what
begins with a known position and goes on is answered as that. One thread: a search has its answer at once and holds it.
"""

import json
import os
import sys
import time

SILENCE_S = 60
"""Longer than anybody waits."""
OPTIONS = (
    "USI_Hash type spin default 32 min 1 max 1024",
    "USI_Ponder type check default false",
    "Threads type spin default 1 min 1 max 8",
    "MaxMovesToDraw type spin default 0 min 0 max 100000",
    "MultiPV type spin default 1 min 1 max 3",
    "Rule type combo default CSARule27 var CSARule27 var NoEnteringKing",
    "Book type filename default <empty>",
)
ODD_OPTIONS = {
    "option-names": "Skill Level type spin default 1 min 1 max 2",
    "option-defaults": "Net type filename default /tmp/My Nets/net",
    "combo-values": "Style type combo default Static Rook var Static Rook var Ranging",
    "option-numbers": "Temperature type spin default 0.5 min 0 max 1",
    "threads": "Threads type spin default 64 min 1 max 64",
}
NEVER_ANSWERED = {
    "isready": "go btime",
    "byoyomi": "byoyomi 500",
    "black-short": "btime 300 wtime 60000",
    "white-short": "btime 60000 wtime 300",
    "increment": "binc",
    "sudden-death": "wtime 400",
    "no-time": "byoyomi 0",
    "go-depth": "depth",
    "go-nodes": "nodes",
    "go-movetime": "movetime",
}
"""By situation: the searches that are forgotten."""
DEADLY = {
    "sent-always": "setoption name USI_Hash value 32",
    "options-sent-back": "setoption name Book value ",
    "unknown-option": "setoption name No_Such_Option value 1",
    "bad-values": "setoption name Threads value no such value",
    "past-declaration": "P*9e 5i4h",
    "tsume": "position sfen 4k4/9/4P4/9/9/9/9/9/9 b",
    "illegal-move": "7g7e",
    "nonsense": "rubbish",
    "go-bare": "go",
}
"""By situation: what ends the engine, as the last words of a command or anywhere in a `position`."""
ILLEGAL = {
    "position-forms": " 0 moves",
    "handicaps": "LNSGKGSNL w",
    "long-game": "7b8b 2h3h 8b7b 3h2h 7b8b 2h3h 8b7b",
    "drop-told": "B*2d",
    "declaration": "9P 1",
}
"""By situation: positions that are answered by an illegal move."""


class Engine:
    """What an engine knows between two commands."""

    def __init__(self, answers, wrong):
        """Takes the answers and the situation in which to do wrong."""
        self.answers, self.wrong = answers, wrong
        self.position, self.thinks_about, self.multi_pv = "", None, 1
        self.num_ready = 0
        self.is_swallowing = wrong == "stop-and-go"

    def is_wrong(self, *situations):
        """Tells whether this is where it does wrong."""
        return self.wrong in situations

    def say(self, line):
        """Writes a line."""
        try:
            sys.stdout.buffer.write(line.encode() + b"\n")
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            if not self.is_wrong("output-ends"):
                os._exit(1)

    def moves(self):
        """Returns the moves that may be answered."""
        known = max((text for text in self.answers if self.position.startswith(text)), key=len)
        moves = self.answers[known]
        if any(self.is_wrong(name) and words in self.position for name, words in ILLEGAL.items()):
            return ["9z9a"]
        if self.is_wrong("drop-written") and moves[:1] and "P*9" in moves[0]:
            return [moves[0].replace("*", "@")]
        if self.is_wrong("past-repetition") and self.position.endswith("7b8b 7g7f"):
            return []
        return moves or (["(none)"] if self.is_wrong("mated") else [])

    def tell(self, moves):
        """Writes lines of info."""
        rank = 1
        for rank in range(1, min(self.multi_pv if not self.is_wrong("multi-pv") else 1, len(moves)) + 1):
            number = f" multipv {rank}" if self.multi_pv > 1 or self.is_wrong("single-pv") else ""
            score = "0.5" if self.is_wrong("info-lines") else "20"
            line = "9z9a" if self.is_wrong("pv") else moves[rank - 1]
            self.say(f"info depth 1 time 1 nodes {rank} nps 1000{number} score cp {score} pv {line}")
        if self.is_wrong("last-info"):
            self.say("info string bye")

    def answer(self, limits):
        """Ends a search."""
        if self.is_swallowing:
            self.is_swallowing = False
            return
        moves = self.moves()
        if "searchmoves" in limits and not self.is_wrong("go-searchmoves"):
            moves = limits.split("searchmoves ")[1].split()
        self.tell(moves)
        move = moves[0] if moves else "resign"
        self.say(f"bestmove {move}" + (" ponder 9z9a" if self.is_wrong("ponder-move") else ""))
        if self.is_wrong("stop"):
            self.say(f"bestmove {move}")

    def mate(self):
        """Answers a search for a mate."""
        if self.is_wrong("mate"):
            self.say("bestmove G*5b")
        elif "P4/9/9/9" not in self.position:
            self.say("checkmate 7g7f" if self.is_wrong("no-mate") else "checkmate nomate")
        else:
            is_lost = self.is_wrong("mate-tsume") and "2r2b" in self.position
            self.say("checkmate nomate" if is_lost else "checkmate G*5b")

    def go(self, command):
        """Starts a search, whose answer is known."""
        is_infinite, is_ponder = "infinite" in command or command == "go", "ponder" in command
        early = "ponder" if is_ponder else "infinite" if self.moves() else "infinite-mated"
        if any(self.is_wrong(name) and words in command for name, words in NEVER_ANSWERED.items()):
            time.sleep(SILENCE_S)
        if "mate" in command:
            self.mate()
        elif not (is_infinite or is_ponder) or self.is_wrong(early):
            self.answer(command)
        else:
            self.thinks_about = command
            for _ in range(50 if self.is_wrong("rate") else 0):
                self.tell(self.moves())

    def end_search(self):
        """Answers a search that goes on."""
        command, self.thinks_about = self.thinks_about, None
        self.answer(command)

    def stop(self):
        """Ends the search, if there is one."""
        if self.thinks_about is None:
            if self.is_wrong("idle"):
                self.say("bestmove 7g7f")
        elif self.is_wrong("stop-at-once") or (self.is_wrong("ponder-miss") and "ponder" in self.thinks_about):
            pass
        else:
            self.end_search()

    def ponderhit(self, command):
        """Ends the search, as if the time were over."""
        is_lost = self.is_wrong("ponderhit") or (self.is_wrong("ponderhit-clock") and " " in command)
        if self.thinks_about is not None and not is_lost:
            self.end_search()

    def gameover(self):
        """Ends the search, if there is one."""
        if self.thinks_about is None:
            if self.is_wrong("gameover-idle"):
                self.say("unknown command")
        elif not self.is_wrong("gameover-pondering" if "ponder" in self.thinks_about else "gameover-thinking"):
            self.end_search()

    def hello(self):
        """Says what there is to be known."""
        self.say("id name Scripted")
        if not self.is_wrong("usi"):
            self.say("id author Nobody")
        odd = ODD_OPTIONS.get(self.wrong, "")
        for option in (*OPTIONS, odd):
            is_left_out = option.split()[:1] == odd.split()[:1] and option != odd
            if option and not is_left_out and not (self.is_wrong("max-moves") and "MaxMoves" in option):
                self.say(f"option name {option}")
        if self.is_wrong("stdout"):
            self.say("info string 評価関数")
        if self.is_wrong("stderr"):
            os.write(2, b"warning\n" * 1000)
        self.say("usiok")

    def ready(self):
        """Is ready."""
        self.num_ready += 1
        if self.is_wrong("two-at-once"):
            self.take_lock()
        if self.is_wrong("isready-lives"):
            time.sleep(1.5)
        is_busy = self.thinks_about is not None and self.is_wrong("isready-thinking")
        if not is_busy and not (self.num_ready > 1 and self.is_wrong("isready-again")):
            self.say("readyok")
        if self.is_wrong("quit-loading"):
            sys.exit(1)

    def take_lock(self):
        """Ends where another engine was ready before."""
        try:
            os.close(os.open(sys.argv[1] + ".lock", os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            sys.exit(1)

    def set(self, command):
        """Sets an option."""
        name, _, value = command.removeprefix("setoption name ").partition(" value ")
        if name.lower() == "multipv" and value.isdigit():
            self.multi_pv = min(max(int(value), 1), 3)
        if self.thinks_about is not None and self.is_wrong("option-thinking"):
            self.end_search()

    def quit(self):
        """Ends."""
        is_idle = self.thinks_about is None
        if self.is_wrong("quit-first" if not self.num_ready else "quit-idle" if is_idle else "quit-thinking"):
            sys.exit(3)
        sys.exit(0)

    def obey(self, command):
        """Does what a command says."""
        head = command.split()[:1]
        deadly = DEADLY.get(self.wrong)
        if deadly and (command.endswith(deadly) if head != ["position"] else deadly in command):
            sys.exit(1)
        if head == ["usi"]:
            self.hello()
        elif head == ["isready"]:
            self.ready()
        elif head == ["setoption"]:
            self.set(command)
        elif head == ["position"] and any(command.startswith(text) for text in self.answers):
            self.position = command
        elif head == ["go"]:
            self.go(command)
        elif head == ["stop"]:
            self.stop()
        elif head == ["ponderhit"]:
            self.ponderhit(command)
        elif head == ["gameover"]:
            self.gameover()
        elif head == ["usinewgame"] and self.is_wrong("usinewgame"):
            self.say("readyok")
        elif head == ["quit"]:
            self.quit()
        elif self.is_wrong("unknown-commands" if len(command) < 1000 else "long-line") and "xyzzy" in command:
            self.say(f"unknown command {command[:20]}")

    def run(self):
        """Reads to the end."""
        if self.is_wrong("silent-start"):
            self.say("Scripted by Nobody")
        for raw in sys.stdin.buffer:
            command = raw.decode("utf-8", "strict" if self.is_wrong("option-bytes") else "replace")
            if not (self.is_wrong("carriage-return") and "\r" in command):
                self.obey(command.rstrip("\r\n"))
        is_idle = self.thinks_about is None
        if self.is_wrong("input-ends-idle" if is_idle else "input-ends-thinking"):
            time.sleep(SILENCE_S)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        Engine(json.load(file), "".join(sys.argv[2:])).run()
