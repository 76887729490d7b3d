"""One session with a user interface as a state machine: lines in, lines out, without threads, processes or torch.

What takes time is asked of the searcher by messages (`order.Job`), and its news come back as messages (`order.News`).
All methods are called from one thread.
"""

import math
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from keisei_plugins_usi.engine.clock import Budget, Clock, budget_of, fixed_budget
from keisei_plugins_usi.engine.info import info_lines, info_string
from keisei_plugins_usi.engine.options import NO_DECLARATION, Options
from keisei_plugins_usi.engine.order import Found, Job, Load, Loaded, News, Order, Told
from keisei_plugins_usi.engine.running import Running
from keisei_plugins_usi.engine.said import Go, Place, go_of, place_of, setting_of, text_of
from keisei_plugins_usi.engine.timer import Timer

if TYPE_CHECKING:
    from keisei_core.arena import Info

AUTHOR: Final = "Keisei"
SIGN_OF_LIFE_S: Final = 5.0
"""Between empty lines while a player is loaded: some user interfaces give up on who is silent."""
UNASKED_S: Final = 1.0
"""What a bare `go`, which says nothing of time, gives a search."""
FAILED: Final = 1
"""Exit code where the player can't be had: without it no game should begin."""


class Session:
    """Answers a user interface."""

    def __init__(
        self,
        name: str,
        options: Options,
        ask: Callable[[Job], None],
        write: Callable[[str], None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Waits for the first line.

        Args:
            name: what the engine is called.
            options: its options.
            ask: takes a job for the searcher, which does them in order.
            write: takes a line for the user interface.
            now: tells the time in seconds.
        """
        self.options: Final = options
        self.exit_code: int | None = None
        """Set once the session is over."""
        self._name, self._ask, self._write, self._now = name, ask, write, now
        self._place = Place()
        self._loading: deque[dict[str, str]] = deque()
        """What players are being made with."""
        self._loaded: dict[str, str] | None = None
        """What the player was made with last; None before the first."""
        self._running: deque[Running] = deque()
        self._signed_at = now()

    def receive(self, line: bytes, at: float | None = None) -> None:
        """Takes a line.

        Args:
            line: with or without its end.
            at: when it came, in seconds; None: this moment.
        """
        text = text_of(line)
        words = text.split()
        commands = {
            "usi": self._introduce,
            "isready": self._make_ready,
            "stop": self._stop,
            "gameover": self._stop,
            "quit": self.end,
        }
        if not words:
            return
        if words[0] in commands:
            commands[words[0]]()
        elif words[0] == "setoption":
            self._set_option(text)
        elif words[0] == "position":
            self._place = place_of(words[1:])
        elif words[0] == "go":
            self._go(go_of(words[1:]), self._now() if at is None else at)
        elif words[0] == "ponderhit":
            self._hit(go_of(words[1:]), self._now() if at is None else at)

    def hear(self, news: News) -> None:
        """Takes what the searcher tells."""
        if isinstance(news, Loaded):
            self._end_loading(news)
        elif isinstance(news, Told):
            self._tell(news)
        else:
            self._find(news)

    @property
    def due_at(self) -> float:
        """When `tick` has something to do, unless something happens before; infinity: never."""
        sign_at = self._signed_at + SIGN_OF_LIFE_S if self._loading else math.inf
        return min([sign_at, *(running.due_at for running in self._running)])

    def tick(self) -> None:
        """Does what time alone asks for: a sign of life, and the answer to a search that does not end in time."""
        now = self._now()
        if self._loading and now >= self._signed_at + SIGN_OF_LIFE_S:
            self._signed_at = now
            self._write("")
        for running in self._running:
            if now >= running.due_at:
                running.found = running.makeshift()
        self._answer()

    def end(self) -> None:
        """Ends the session: nobody speaks or listens any more."""
        for running in self._running:
            running.order.timer.stop()
        self.exit_code = 0

    def _introduce(self) -> None:
        self._write(f"id name {self._name}")
        self._write(f"id author {AUTHOR}")
        for declaration in self.options.declarations():
            self._write(declaration)
        self._write("usiok")

    def _set_option(self, text: str) -> None:
        setting = setting_of(text)
        problem = "expected setoption name NAME value VALUE" if setting is None else self.options.set(setting)
        if problem:
            self._write(info_string(problem))

    def _make_ready(self) -> None:
        """Has the player made, unless the one that there is will do."""
        values = self.options.loaded_with()
        if values == self._loaded and not self._loading:
            self._write("readyok")
            return
        self._signed_at = self._now()
        self._loading.append(values)
        self._ask(Load(values))

    def _end_loading(self, news: Loaded) -> None:
        values = self._loading.popleft()
        if news.problem:
            self._write(info_string(news.problem))
            self.exit_code = FAILED
            return
        self._loaded = values
        self._write("readyok")

    def _go(self, go: Go, at: float) -> None:
        """Begins a search; one that runs still is to be answered first."""
        self._stop()
        order = self._order(go)
        if not go.is_ponder:
            self._start_clock(order, go, at)
        self._running.append(Running(order))
        self._ask(order)

    def _order(self, go: Go) -> Order:
        options = self.options
        nodes = [number for number in (go.numbers.get("nodes", 0), options.number("NodesLimit")) if number]
        depths = [number for number in (go.numbers.get("depth", 0), options.number("DepthLimit")) if number]
        return Order(
            place=self._place,
            go=go,
            timer=Timer(self._now),
            values=options.loaded_with(),
            lines=options.number("MultiPV"),
            max_nodes=min(nodes, default=0),
            max_depth=min(depths, default=0),
            least_ms=options.number("MinimumThinkingTime"),
            max_plies=options.number("MaxMovesToDraw"),
            may_declare=options.text("EnteringKingRule") != NO_DECLARATION,
            resigns_at=options.number("ResignValue"),
            centipawns=options.number("Eval_Coef"),
        )

    def _start_clock(self, order: Order, go: Go, at: float) -> None:
        """Lets the search's time run."""
        budget = self._budget(order, go)
        if budget is not None:
            order.timer.begin(budget, at)

    def _budget(self, order: Order, go: Go) -> Budget | None:
        """Returns how long a search may take; None where nothing says so."""
        numbers, delay_ms = go.numbers, self.options.number("NetworkDelay")
        if go.mate is not None:
            return None if math.isinf(go.mate) else fixed_budget(round(go.mate), delay_ms)
        if go.is_infinite:
            return None
        if "movetime" in numbers:
            return fixed_budget(numbers["movetime"], delay_ms)
        if go.has_clock:
            side = "bw"[order.place.side]
            main_ms, increment_ms = numbers.get(f"{side}time", 0), numbers.get(f"{side}inc", 0)
            clock = Clock(main_ms=main_ms, byoyomi_ms=numbers.get("byoyomi", 0), increment_ms=increment_ms)
            return budget_of(
                clock,
                ply=order.place.ply,
                delay_ms=delay_ms,
                least_ms=order.least_ms,
                max_plies=order.max_plies,
            )
        if order.max_nodes or order.max_depth:
            return None
        return Budget(planned=UNASKED_S, most=UNASKED_S, saves=False)

    def _hit(self, hit: Go, at: float) -> None:
        """The expected move was played: the clock runs, by the times that are told now or else were told before."""
        for running in self._running:
            if running.is_held and running.order.go.is_ponder:
                self._start_clock(running.order, hit if hit.numbers else running.order.go, at)
                running.is_held = False
        self._answer()

    def _stop(self) -> None:
        """Has every search end; each is answered as soon as it has."""
        for running in self._running:
            running.is_held = False
            running.order.timer.stop()
            if running.is_mate and running.found is None:  # a look for a mate is not broken off
                running.found = running.makeshift()
        self._answer()

    def _tell(self, news: Told) -> None:
        """Passes on how far a search is, but not too often."""
        interval_s = self.options.number("PvInterval") / 1000
        for running in self._running:
            if running.order is news.order:
                running.heard = news.info
                if self._now() >= running.told_at + interval_s:
                    self._write_info(running, news.info)

    def _write_info(self, running: Running, info: "Info") -> None:
        running.told, running.told_at = info, self._now()
        try:
            lines = list(info_lines(info, running.order.lines, running.order.centipawns))
        except Exception as error:  # a player's numbers may be anything, and somebody waits for the answer
            lines = [info_string(f"{type(error).__name__}: {error}")]
        for line in lines:
            self._write(line)

    def _find(self, news: Found) -> None:
        for running in self._running:
            if running.order is news.order:
                running.found = news
        self._answer()

    def _answer(self) -> None:
        """Answers the searches that have ended and may be answered, in order."""
        while self._running and not self._running[0].is_held:
            running = self._running[0]
            found = running.found
            if found is None:
                return
            self._running.popleft()
            if not found.problem and (found.info is not None or not running.is_mate):  # else it may be loading still
                self._loaded = running.order.values
            if found.problem:
                self._write(info_string(found.problem))
            if found.info is not None and found.info is not running.told:
                self._write_info(running, found.info)
            self._write(found.line)
