"""The session: one game and who thinks about it. All tabs see the same one; whatever changes, all are told."""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Event, RLock
from typing import Any, Final

import attrs

from keisei_core.errors import ConfigError, KeiseiError
from keisei_core.records import Game
from keisei_plugins_watch.game.course import COLOURS, Course
from keisei_plugins_watch.game.opponent import Hint, Opponent
from keisei_plugins_watch.game.setup import Setup, simulations_in
from keisei_plugins_watch.game.view import game_view

PERSON: Final = "Human"
"""What records call whoever sits before the page."""
DECIMALS: Final = 3
"""Of a value on the page."""
PATIENCE_S: Final = 2.0
"""At the end, with a player that can't be stopped while it chooses."""

logger = logging.getLogger("keisei")


class Session:
    """One game at a time. What it is asked for from any thread is done at once; all thinking is done in one thread.

    Thinking belongs to a position: when that is taken back or the game given up, it is stopped, and what comes of it
    all the same is not played.
    """

    def __init__(self, find: Callable[[], Opponent]) -> None:
        """Waits for a game to begin.

        Args:
            find: returns the opponent when a game begins, the same one or another; called where thinking is done.
        """
        self._find = find
        self._lock = RLock()
        self._thinker = ThreadPoolExecutor(1, thread_name_prefix="game")
        self._stop = Event()
        self._listeners: list[Callable[[], None]] = []
        self.opponent: Opponent | None = None
        self.setup = Setup()
        self.course: Course | None = None
        self._is_seated = False
        """Whether the opponent is there for this game."""
        self.values: dict[int, float] = {}
        """Expected results for the side to move, by ply."""
        self.problem = ""
        self.version = 0
        """Grows with everything that a page can see."""

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Has a function called, in any thread, whenever something changed; returns what ends that."""
        with self._lock:
            self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def begin(self, asked: Mapping[str, Any]) -> None:
        """Begins another game; the one that is there is gone.

        Raises:
            ConfigError, SfenError: it can't begin so.
        """
        setup = Setup.of(asked)
        start, moves = setup.position()
        course = Course(start, 0)
        for usi in moves:
            course.play(usi)
        with self._lock:
            self._interrupt()
            self.setup, self.course, self.values = setup, course, {}
            self.problem, self._is_seated = "", False
            self._changed()
            self._think(self._seat)

    def play(self, usi: str, ply: int) -> None:
        """Plays a move of the person.

        Args:
            usi: the move.
            ply: how many moves were played before it, which another tab may have changed.

        Raises:
            ConfigError: it is not legal, not the person's turn, or the game has gone on meanwhile.
        """
        with self._lock:
            course = self._course_of_person()
            if ply != len(course.moves):
                raise ConfigError([f"the game has {len(course.moves)} moves by now, got a move for ply {ply}"])
            course.play(usi)
            self._interrupt()
            self._changed()
            self._think(self._answer)

    def take_back(self) -> None:
        """Goes back to where the person last had a choice: its own last move and the answers to it are gone."""
        with self._lock:
            course = self._seated_course()
            turns = [ply for ply in range(len(course.moves)) if course.mover_at(ply) == self.setup.colour]
            if not turns:
                raise ConfigError(["there is no move of yours to take back"])
            self._interrupt()
            self.course = course.up_to(turns[-1])
            self.values = {ply: value for ply, value in self.values.items() if ply <= turns[-1]}
            self.problem = ""
            self._changed()
            self._think(self._look)

    def resign(self) -> None:
        """Gives the game up.

        Raises:
            ConfigError: the game is over, or it is not the person's turn: in records whoever is to move resigns.
        """
        with self._lock:
            course = self._course_of_person()
            if course.ending:
                raise ConfigError([f"the game is over by {course.ending} already"])
            self._interrupt()
            course.give_up(self.setup.colour, "resignation")
            self._changed()

    def change_strength(self, asked: Mapping[str, Any]) -> None:
        """Lets the opponent look further ahead, or less far, from its next move on."""
        simulations = simulations_in(asked)
        with self._lock:
            self.setup = attrs.evolve(self.setup, simulations=simulations)
            self._changed()

    def try_again(self) -> None:
        """Asks the opponent once more where it failed.

        Raises:
            ConfigError: it did not, or was asked once more already.
        """
        with self._lock:
            if not self.problem:
                raise ConfigError(["the opponent has not failed"])
            self.problem = ""
            self._changed()
            self._think(self._answer if self._is_seated else self._seat)

    def hints(self) -> "Future[list[Hint]]":
        """Asks what the opponent would think of in the person's place; comes to an error where it can't be asked.

        Raises:
            ConfigError: it is not the person's turn.
        """
        with self._lock:
            course, opponent, stop = self._course_of_person(), self.opponent, self._stop
            assert opponent is not None
            if course.ending:
                raise ConfigError([f"the game is over by {course.ending}"])
            return self._thinker.submit(opponent.hints, course.standing(), stop)

    def record(self) -> Game:
        """Returns the game so far as records have it.

        Raises:
            ConfigError: there is none.
        """
        with self._lock:
            course = self._any_course()
            names = {self.setup.colour: PERSON}
            other = self.opponent.name if self.opponent is not None else ""
            black, white = (names.get(colour, other) for colour in COLOURS)
            return course.record(black, white)

    def view(self) -> dict[str, Any]:
        """Returns all that a page shows, as JSON has it."""
        with self._lock:
            course, opponent = self.course, self.opponent
            told: dict[str, Any] = {"version": self.version, "problem": self.problem, "game": None}
            if opponent is not None:
                told["opponent"] = {
                    "name": opponent.label,
                    "identity": opponent.name,
                    "searches": opponent.searches,
                    "tells": opponent.evaluator is not None,
                }
            if course is not None:
                told["game"] = game_view(course, self.setup, self.values, self._is_seated, self.problem)
            return told

    def close(self) -> None:
        """Ends the thinking and the opponent, also one that goes on choosing for longer than `PATIENCE_S`."""
        with self._lock:
            self._interrupt()
        behind_all = self._thinker.submit(lambda: None)
        self._thinker.shutdown(wait=False)
        wait([behind_all], PATIENCE_S)
        if self.opponent is not None:
            self.opponent.close()

    def _any_course(self) -> Course:
        if self.course is None:
            raise ConfigError(["there is no game yet; begin one"])
        return self.course

    def _seated_course(self) -> Course:
        course = self._any_course()
        if not self._is_seated:
            raise ConfigError(["the opponent is not here yet"])
        return course

    def _course_of_person(self) -> Course:
        course = self._seated_course()
        if course.turn != self.setup.colour and not course.ending:
            raise ConfigError([f"it is {course.turn}'s turn, not yours"])
        return course

    def _interrupt(self) -> None:
        """Stops the thinking, if any; what begins from here on has a stop of its own."""
        self._stop.set()
        self._stop = Event()

    def _changed(self) -> None:
        self.version += 1
        for listener in self._listeners[:]:
            listener()

    def _think(self, work: Callable[[Course, Event], None]) -> None:
        """Has something done in the thread that thinks; what goes wrong there is told on the page."""
        course, stop = self._any_course(), self._stop

        def done() -> None:
            try:
                if not stop.is_set():
                    work(course, stop)
            except Exception as error:
                if not isinstance(error, KeiseiError):
                    logger.exception("the opponent failed")
                with self._lock:
                    if not stop.is_set():
                        self.problem = str(error)
                        self._changed()

        self._thinker.submit(done)

    def _seat(self, course: Course, stop: Event) -> None:
        """Gets the opponent, and lets the game begin: it keeps as many earlier positions as the opponent wants."""
        found = self._find()
        with self._lock:
            before, self.opponent = self.opponent, found
            if before is not None and before is not found:
                before.close()
            if stop.is_set():
                return
            seated = Course(course.start, found.num_earlier)
            for usi in course.moves:
                seated.play(usi)
            self.course, self._is_seated = seated, True
            self._changed()
        self._answer(seated, stop)

    def _answer(self, course: Course, stop: Event) -> None:
        """Lets the opponent move if it is its turn, and notes what it thinks of where the game stands."""
        opponent = self.opponent
        assert opponent is not None
        self._look(course, stop)
        if stop.is_set() or course.ending or course.turn == self.setup.colour:
            return
        reply = opponent.reply(course, self.setup.simulations, stop)
        with self._lock:
            if stop.is_set():
                return
            if reply.value is not None:
                self.values[len(course.moves)] = round(reply.value, DECIMALS)
            if reply.forfeit:
                course.give_up(course.turn, reply.forfeit)
            else:
                course.play(reply.move)
            self._changed()
        self._look(course, stop)

    def _look(self, course: Course, stop: Event) -> None:
        """Notes what the opponent's network expects where the game stands."""
        with self._lock:
            opponent, ply = self.opponent, len(course.moves)
            if stop.is_set() or opponent is None or course.ending or ply in self.values:
                return
            standing = course.standing()
        value = opponent.value(standing)
        with self._lock:
            if value is not None and not stop.is_set():
                self.values[ply] = round(max(-1.0, min(1.0, value)), DECIMALS)
                self._changed()
