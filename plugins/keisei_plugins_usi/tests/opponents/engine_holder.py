"""Holds engines at every stage of their lives, none of which ends by itself, until it is killed.

python engine_holder.py BAD_ENGINE MARK
"""

import sys
import threading
import time

from keisei_core.arena import FollowedGame
from keisei_core.shogi import START_SFEN, legal_mask, parse_sfen
from keisei_plugins_usi.opponents.engine import Engine
from keisei_plugins_usi.opponents.engine_table import EngineTable

START = parse_sfen(START_SFEN)
GAME = FollowedGame(number=0, start=START_SFEN)


def engine(what):
    """Makes an engine; one of them is the child of a shell."""
    command = (sys.executable, "-S", "-E", sys.argv[1], what, "0", f"{sys.argv[2]}/{what}")
    if what == "stays":
        command = ("sh", "-c", '"$@"; true', "sh", *command)
    return Engine(what, EngineTable(command=command, start_timeout=600, move_timeout=600))


for what in ("slow-start", "slow-handshake"):
    threading.Thread(target=engine(what).start, daemon=True).start()
thinking, idle = engine("silent"), engine("stays")
for one in (thinking, idle):
    one.start()
threading.Thread(target=thinking.answer, args=(GAME, START, legal_mask(START)[0]), daemon=True).start()
idle.answer(GAME, START, legal_mask(START)[0])
idle.game_over(GAME, 1.0)
print("held", flush=True)
time.sleep(600)
