"""Stepping many games: play, find the legal moves, judge, begin anew."""

from typing import Final, NamedTuple

import numpy as np

from keisei_core.shogi.actions import NUM_ACTIONS
from keisei_core.shogi.compile import inner, kernel, signed, stage, unsigned
from keisei_core.shogi.ending import Ending
from keisei_core.shogi.positions import NUM_SQUARES, UInt8Array
from keisei_core.shogi.rules.generate import BOTH_HANDS, generate
from keisei_core.shogi.rules.history import copy_history, forget, remember
from keisei_core.shogi.rules.judge import (
    PERPETUAL_CHECK_BY_MOVER,
    PERPETUAL_CHECK_BY_OPPONENT,
    can_declare,
    count_earlier,
    first_earlier,
    judge_repetition,
)
from keisei_core.shogi.rules.play import apply, note_move
from keisei_core.shogi.rules.scratch import OWN_KING, SCRATCH_BYTES, scratch_in
from keisei_core.shogi.rules.tasks import bind, room
from keisei_core.shogi.tables import Float32Array, Int32Array, UInt16Array, UInt64Array

NONE: Final = int(Ending.NONE)
MATE: Final = int(Ending.MATE)
DECLARATION: Final = int(Ending.DECLARATION)
MAX_PLIES: Final = int(Ending.MAX_PLIES)

LEAVE: Final = -1
"""Action that leaves a game as it is."""
BEGIN: Final = -2
"""Action that begins a game anew; from inside the package only."""
RESETS: Final = 0
DRAWS: Final = 1
"""Places of the wishes of `step_games`."""
MAX_REPETITION: Final = 3
BLOCK: Final = 192
"""Bytes of a mask that are counted at once: not more than a byte can count, not so few that the compiler writes the
count out byte by byte."""
NUM_BLOCKS: Final = NUM_ACTIONS // BLOCK
PART: Final = 8
"""Bytes of the block in question that are counted at once."""


class PositionArrays(NamedTuple):
    """The arrays of `Positions`, flat."""

    board: UInt8Array
    hands: UInt8Array
    side_to_move: UInt8Array
    ply: UInt16Array
    in_check: UInt8Array
    repetition: UInt8Array
    last_moves: UInt8Array
    history: UInt8Array


class GameArrays(NamedTuple):
    """What games keep besides their positions, flat."""

    legal: UInt8Array
    """uint8 [B * 2187]."""
    num_legal: Int32Array
    """int32 [B]."""
    reward: Float32Array
    """float32 [B], of the last step, seen by the player who just moved."""
    ending: UInt8Array
    """uint8 [B], of the last step."""
    keys: UInt64Array
    """uint64 [B], hash of board and hands; only positions with the same side to move are compared."""
    history: UInt64Array
    """uint64 [B * 2 * T], hashes of the game's positions, those with even ply first, then those with odd ply."""
    first_ply: UInt16Array
    """uint16 [B], ply number of the start position."""
    checks: UInt16Array
    """uint16 [B * 2], how many latest moves of Black and of White gave check without a break."""
    streams: UInt64Array
    """uint64 [B], random streams, never 0."""
    drawn: Int32Array
    """int32 [B], actions drawn ahead."""
    streams_ahead: UInt64Array
    """uint64 [B], the random streams after that."""


class Rules(NamedTuple):
    """What is the same for all games of a batch."""

    starts: PositionArrays
    """S start positions."""
    min_random_plies: int
    max_random_plies: int
    max_plies: int


@stage
def copy_position(source: PositionArrays, source_row: int, target: PositionArrays, row: int) -> None:
    """Copies one position without those before it."""
    source_board, board = unsigned(source_row) * unsigned(NUM_SQUARES), unsigned(row) * unsigned(NUM_SQUARES)
    for square in range(unsigned(NUM_SQUARES)):
        target.board[board + square] = source.board[source_board + square]
    for kind in range(BOTH_HANDS):
        target.hands[row * BOTH_HANDS + kind] = source.hands[source_row * BOTH_HANDS + kind]
    for end in range(4):
        target.last_moves[row * 4 + end] = source.last_moves[source_row * 4 + end]
    target.side_to_move[row] = source.side_to_move[source_row]
    target.ply[row] = source.ply[source_row]
    target.in_check[row] = source.in_check[source_row]
    target.repetition[row] = source.repetition[source_row]


@stage
def draw(streams: UInt64Array, row: int, bound: int) -> int:
    """Draws a number below `bound` from a game's random stream (xorshift64, Marsaglia 2003)."""
    state = streams[row]
    state ^= state << unsigned(13)
    state ^= state >> unsigned(7)
    state ^= state << unsigned(17)
    streams[row] = state
    return signed(((state >> unsigned(32)) * unsigned(bound)) >> unsigned(32))


@inner
def sample(legal: UInt8Array, num_legal: int, streams: UInt64Array, row: int) -> int:
    """Draws one of a game's legal actions, each as likely."""
    rest = draw(streams, row, num_legal)
    mask = unsigned(row) * unsigned(NUM_ACTIONS)
    place = mask
    for _ in range(NUM_BLOCKS):
        count = np.uint8(0)
        for offset in range(unsigned(BLOCK)):
            count = np.uint8(count + legal[place + offset])
        if rest < signed(count):
            break
        rest -= signed(count)
        place += unsigned(BLOCK)
    for _ in range(min(BLOCK, NUM_ACTIONS - signed(place - mask)) // PART):
        part = signed(0)
        for offset in range(unsigned(PART)):
            part += signed(legal[place + offset])
        if rest < part:
            break
        rest -= part
        place += unsigned(PART)
    while legal[place] == 0 or rest > 0:
        rest -= signed(legal[place])
        place += unsigned(1)
    return signed(place - mask)


@inner
def draw_ahead(games: GameArrays, row: int) -> None:
    """Draws what `sample_games` would draw for a game, while its mask is in the cache; its random stream stays."""
    games.drawn[row] = LEAVE
    stream = games.streams[row]
    if games.num_legal[row] > 0:
        games.drawn[row] = sample(games.legal, signed(games.num_legal[row]), games.streams, row)
    games.streams_ahead[row] = games.streams[row]
    games.streams[row] = stream


@stage
def history_start(games: GameArrays, row: int, num_plies: int) -> int:
    """Returns where a game's hashes of one side to move begin."""
    half = len(games.history) // (2 * len(games.keys))
    return (2 * row + (num_plies & 1)) * half


@stage
def put_on_start(positions: PositionArrays, games: GameArrays, row: int, starts: PositionArrays, start: int) -> None:
    """Puts a game on a start position."""
    copy_position(starts, start, positions, row)
    if len(positions.history):
        forget(positions.history, row, len(positions.ply))
    games.first_ply[row] = positions.ply[row]
    games.keys[row] = 0
    games.history[history_start(games, row, 0)] = 0
    games.checks[2 * row] = 0
    games.checks[2 * row + 1] = 0


@stage
def move(positions: PositionArrays, keys: UInt64Array, row: int, action: int, rows: UInt8Array) -> None:
    """Plays an action in a position; the check flag and the repetition count are left to who judges it."""
    side = signed(positions.side_to_move[row])
    if len(positions.history):
        remember(positions.history, positions.board, positions.hands, positions.repetition, row)
    origin, key = apply(positions.board, positions.hands, row, action, side, keys[row], rows)
    note_move(positions.last_moves, row, origin, action % NUM_SQUARES)
    keys[row] = key
    positions.side_to_move[row] = 1 - side
    positions.ply[row] += 1


@stage
def note_check(positions: PositionArrays, checks: UInt16Array, row: int, in_check: int) -> None:
    """Notes whether the last move gave check, and how many of its player's did without a break."""
    side_moved = 1 - signed(positions.side_to_move[row])
    checks[2 * row + side_moved] = (signed(checks[2 * row + side_moved]) + 1) * in_check
    positions.in_check[row] = in_check


@stage
def judge_recurrence(positions: PositionArrays, checks: UInt16Array, row: int, num_moves: int) -> int:
    """Returns how a position that stands again ends its game; each side made `num_moves` moves in between."""
    side = signed(positions.side_to_move[row])
    return judge_repetition(num_moves, signed(checks[2 * row + 1 - side]), signed(checks[2 * row + side]))


@stage
def judge_others(positions: PositionArrays, row: int, king: int, max_plies: int) -> int:
    """Returns whether and how a position ends its game but for mate and repetition, which come first."""
    side = signed(positions.side_to_move[row])
    if positions.in_check[row] == 0 and can_declare(positions.board, positions.hands, row, king, side):
        return DECLARATION
    return MAX_PLIES if signed(positions.ply[row]) >= max_plies else NONE


@stage
def judge(positions: PositionArrays, games: GameArrays, row: int, max_plies: int, king: int) -> int:
    """Notes a new position in the game's history and returns whether and how it ends the game."""
    key = games.keys[row]
    num_plies = signed(positions.ply[row]) - signed(games.first_ply[row])
    first, num_earlier = history_start(games, row, num_plies), num_plies >> 1
    times = count_earlier(games.history, first, num_earlier, key)
    games.history[first + num_earlier] = key
    positions.repetition[row] = min(times, MAX_REPETITION)

    if games.num_legal[row] == 0:
        return MATE
    if times >= MAX_REPETITION:
        num_moves = num_earlier - first_earlier(games.history, first, num_earlier, key)
        return judge_recurrence(positions, games.checks, row, num_moves)
    return judge_others(positions, row, king, max_plies)


@stage
def reward_of(ending: int) -> float:
    """Returns the reward of the player who moved last."""
    if ending in (MATE, PERPETUAL_CHECK_BY_OPPONENT):
        return 1.0
    return -1.0 if ending in (PERPETUAL_CHECK_BY_MOVER, DECLARATION) else 0.0


@stage
def finish(positions: PositionArrays, games: GameArrays, final: PositionArrays, row: int, ending: int) -> None:
    """Notes how a game ended and keeps its last position."""
    games.ending[row] = ending
    games.reward[row] = reward_of(ending)
    copy_position(positions, row, final, row)
    if len(positions.history):
        copy_history(positions.history, final.history, row, len(positions.ply))


@stage
def close(legal: UInt8Array, num_legal: Int32Array, row: int) -> None:
    """Leaves a finished game without legal moves."""
    num_legal[row] = 0
    mask = unsigned(row) * unsigned(NUM_ACTIONS)
    for action in range(unsigned(NUM_ACTIONS)):
        legal[mask + action] = 0


@stage
def draw_opening(games: GameArrays, row: int, rules: Rules) -> tuple[int, int]:
    """Draws a start position and a number of random plies."""
    start = draw(games.streams, row, len(rules.starts.ply))
    spread = rules.max_random_plies - rules.min_random_plies + 1
    return start, rules.min_random_plies + draw(games.streams, row, spread)


@inner
def step_games(
    low: int,
    high: int,
    actions: Int32Array,
    positions: PositionArrays,
    games: GameArrays,
    final: PositionArrays,
    rules: Rules,
    wishes: UInt8Array,
) -> None:
    """Plays one action in each of the games `low` to `high - 1`.

    Args:
        low, high: which games.
        actions: int32 [B].
        positions, games, final: of B games, changed.
        rules: for all of them.
        wishes: uint8 [2], whether finished games begin anew, and whether the next actions are drawn ahead.

    An ended game begins, and plays its random plies, in the same loop that plays the given action, because each
    place that calls `generate` costs a second of compile time. Random plies that would end the game are dropped.
    """
    scratch = scratch_in(room(SCRATCH_BYTES))
    resets, draws = wishes[RESETS] != 0, wishes[DRAWS] != 0
    for row in range(low, high):
        games.reward[row] = 0
        games.ending[row] = NONE
        action = signed(actions[row])
        start, num_random, is_opening = signed(0), signed(0), False
        if action == BEGIN:
            start, num_random = draw_opening(games, row, rules)
            is_opening = True
        while action != LEAVE:
            if action == BEGIN:
                put_on_start(positions, games, row, rules.starts, start)
            else:
                move(positions, games.keys, row, action, scratch.rows)
            num_legal, in_check = generate(positions.board, positions.hands, row, games.legal, scratch)
            games.num_legal[row] = num_legal
            ending = NONE
            if action != BEGIN:
                note_check(positions, games.checks, row, in_check)
                ending = judge(positions, games, row, rules.max_plies, scratch.listed[OWN_KING])
            if is_opening:
                if ending != NONE:
                    action, num_random = signed(BEGIN), signed(0)
                elif num_random > 0:
                    action = sample(games.legal, num_legal, games.streams, row)
                    num_random -= 1
                else:
                    action = signed(LEAVE)
            elif ending == NONE:
                action = signed(LEAVE)
            else:
                finish(positions, games, final, row, ending)
                if resets:
                    start, num_random = draw_opening(games, row, rules)
                    action, is_opening = signed(BEGIN), True
                else:
                    close(games.legal, games.num_legal, row)
                    action = signed(LEAVE)
        if draws:
            draw_ahead(games, row)


@kernel
def bind_step(
    memory: UInt8Array,
    actions: Int32Array,
    positions: PositionArrays,
    games: GameArrays,
    final: PositionArrays,
    rules: Rules,
    wishes: UInt8Array,
) -> int:
    """Makes a task of `step_games`, see `tasks.bind`."""
    return bind(memory, step_games, (actions, positions, games, final, rules, wishes))


@kernel
def sample_games(legal: UInt8Array, num_legal: Int32Array, streams: UInt64Array, actions: Int32Array) -> None:
    """Draws one legal action for each game, -1 where there is none."""
    for row in range(len(actions)):
        actions[row] = LEAVE
        if num_legal[row] > 0:
            actions[row] = sample(legal, signed(num_legal[row]), streams, row)


@kernel
def find_illegal(legal: UInt8Array, actions: Int32Array) -> int:
    """Returns the first row whose action is neither -1 nor legal, -1 if there is none."""
    for row in range(len(actions)):
        action = signed(actions[row])
        if action != LEAVE and (action < 0 or action >= NUM_ACTIONS or legal[row * NUM_ACTIONS + action] == 0):
            return row
    return -1
