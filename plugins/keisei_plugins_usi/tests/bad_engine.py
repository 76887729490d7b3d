"""A USI engine that fails on purpose. It imports nothing slow, so that it is there at once.

    python -S -E bad_engine.py [WHAT [PLY [MARK]]]

It moves a rook to and fro until it has played PLY moves, 0 by default; from then on it does what WHAT says. A word
without a meaning here plays on. MARK is for who looks for the process.
"""

import os
import sys
import time

WHAT = sys.argv[1] if len(sys.argv) > 1 else "plays"
PLY = int(sys.argv[2]) if len(sys.argv) > 2 else 0
LONG_S = 600
heard = []
ANSWERS = {
    "illegal": "bestmove 1a1b",
    "resigns": "bestmove resign",
    "declares": "bestmove win",
    "none": "bestmove (none)",
    "empty": "bestmove",
    "garbage": "bestmove \x1b[31m\N{SNOWMAN} 7g7f",
    "drops": "bestmove P@5e",
}


def say(text):
    """Writes a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def move(position):
    """Moves a rook to and fro: White's on its second rank, Black's on the eighth."""
    moves = position.partition(" moves ")[2].split()
    home, away = (("8b", "7b"), ("2h", "3h"))[len(moves) % 2 == 0]
    mine = moves[len(moves) % 2 :: 2]
    return (home + away, away + home)[mine.count(home + away) > mine.count(away + home)]


def misbehave(position):
    """Does what it is told to do in the place of a move."""
    if WHAT == "echoes":
        while heard:
            say(f"info string got {heard.pop(0)}")
        say("bestmove none")
    elif WHAT in ANSWERS:
        say(ANSWERS[WHAT])
    elif WHAT == "twice":
        say(f"bestmove {move(position)}\nbestmove {move(position)}")
    elif WHAT == "late":
        time.sleep(5)
        say(f"bestmove {move(position)}")
    elif WHAT == "silent":
        time.sleep(LONG_S)
    elif WHAT == "dies":
        sys.stderr.write("Segmentation fault\n")
        sys.stderr.flush()
        os._exit(3)
    elif WHAT == "floods":
        for _ in range(2_000):
            sys.stderr.write("e" * 200 + "\n")
            say("info string " + "o" * 200)
        say(f"bestmove {move(position)}")
    elif WHAT == "endless":
        while True:
            say("info string " + "o" * 200)
    elif WHAT == "no-newline":
        sys.stdout.write("o" * 1_000_000)
        sys.stdout.flush()
        say(f"\nbestmove {move(position)}")
    elif WHAT == "deaf":
        sys.stdin.close()
        os.close(0)
        say(f"bestmove {move(position)}")
        time.sleep(LONG_S)
    elif WHAT == "mute":
        os.close(1)
        time.sleep(LONG_S)
    else:
        say(f"bestmove {move(position)}")


def main():
    """Reads commands; ends at `quit` or at the end of the input, unless it is to ignore both."""
    if WHAT == "slow-start":
        time.sleep(LONG_S)
    position, num_moves = "", 0
    for line in sys.stdin:
        heard.append(line.strip())
        command = line.split()[0] if line.split() else ""
        if command == "usi":
            say("id name Bad Engine 1.0")
            say("option name USI_Hash type spin default 16 min 1 max 1024")
            say("option name Skill Level type spin default 20 min -20 max 20")
            if WHAT == "slow-handshake":
                time.sleep(LONG_S)
            say("usiok")
        elif command == "isready" and WHAT == "dies-unready":
            os._exit(3)
        elif command == "isready" and WHAT != "never-ready":
            say("readyok")
        elif command == "position":
            position = line.strip()
        elif command == "go":
            num_moves += 1
            misbehave(position) if num_moves > PLY else say(f"bestmove {move(position)}")
        elif command == "quit" and WHAT != "stays":
            return
    if WHAT == "stays":
        time.sleep(LONG_S)


main()
