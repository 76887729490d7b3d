#!/usr/bin/env python3
"""GNU Shogi as a USI engine: a stand-in between its own protocol (`gnushogi -X`) and whoever speaks USI.

    python gnushogi_usi.py [DEPTH]

It plays from the start position only and searches DEPTH plies (1), without its book; limits of `go` are not looked at.
"""

import queue
import subprocess
import sys
import threading

COMMAND = ("/usr/games/gnushogi", "-X", "-h", "-a", "1", "10:00")
PATIENCE_S = 60.0
OVER = ("Illegal", "Black mates", "White mates", "Drawn game", "Black wins", "White wins", "Game over", "No mate")
"""How its last word begins, where it ends the game by itself."""


class GnuShogi:
    """One game of the engine in a process of its own."""

    def __init__(self, depth: str) -> None:
        self.process = subprocess.Popen(
            COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1
        )
        self.lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.played: list[str] = []
        """Moves that it knows, its own among them."""
        self.is_forced = True
        """Whether it takes moves without answering them."""
        self._send("depth", depth, "book", "force")

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line.strip())
        self.lines.put("Game over")

    def _send(self, *lines: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("".join(f"{line}\n" for line in lines))
        self.process.stdin.flush()

    def goes_on(self, moves: list[str]) -> bool:
        """Tells whether a game is this one after one more move of the other side, or this one from its first move."""
        return moves[: len(self.played)] == self.played and (self.is_forced or len(moves) == len(self.played) + 1)

    def move(self, moves: list[str]) -> str:
        """Returns its move in USI in the game so far; `resign` where it says that the game is over."""
        self._send(*moves[len(self.played) :], *(["go"] if self.is_forced else []))
        self.is_forced = False
        while True:
            try:
                line = self.lines.get(timeout=PATIENCE_S)
            except queue.Empty:
                line = OVER[0]
            if ". ... " in line:
                text = line.split()[2].replace("'", "*")
                self.played = [*moves, text]
                return text
            if line.startswith(OVER):
                print(f"info string {line}", flush=True)
                return "resign"

    def close(self) -> None:
        """Ends the process."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            stream.close()


def main() -> None:
    """Speaks USI until `quit` or the end of input."""
    depth = sys.argv[1] if len(sys.argv) > 1 else "1"
    game, moves = None, []
    for line in sys.stdin:
        words = line.split()
        if words[:1] == ["usi"]:
            print(f"id name GNU Shogi depth {depth}\nid author the GNU Shogi authors\nusiok", flush=True)
        elif words[:1] == ["isready"]:
            print("readyok", flush=True)
        elif words[:2] == ["position", "startpos"]:
            moves = words[3:]
        elif words[:1] == ["go"]:
            if game is None or not game.goes_on(moves):
                if game is not None:
                    game.close()
                game = GnuShogi(depth)
            print(f"bestmove {game.move(moves)}", flush=True)
        elif words[:1] == ["quit"]:
            break
    if game is not None:
        game.close()


if __name__ == "__main__":
    main()
