"""Every plane against a slow writer that reads the board from rsshogi and the history from the moves played."""

from collections import Counter
from collections.abc import Callable
from itertools import combinations

import attrs
import numpy as np
import pytest
from rsshogi.core import Board, Square
from rsshogi.types import Bitboard, PieceType

from keisei_core.observe import Channel, FeatureSet, PlaneContext
from keisei_core.plugins import Kind, load_registry
from keisei_core.shogi import Games, Positions, Starts, UInt8Array, action_to_usi, format_sfen

NUM_POSITIONS = 20_000
NUM_GAMES = 16
MAX_PLIES = 60
STARTS = [
    "lnsgkgsnl/1r5b1/ppppppppp/9/9/9/PPPPPPPPP/1B5R1/LNSGKGSNL b - 1",
    "4k4/9/9/9/9/9/9/9/4K4 w - 1",
    "4k4/4p4/9/9/9/9/9/9/4K4 w 2r2b4g4s4n4l17p 30",
    "4k4/9/9/9/9/9/9/4P4/4K4 b 2R2B4G4S4N4L17P 30",
    "+l+n+sgkg+s+n+l/1+r5+b1/+p+p+p+p+p+p+p+p+p/9/9/9/+P+P+P+P+P+P+P+P+P/1+B5+R1/+L+N+SGKG+S+N+L b - 1",
]
WORDS = {"P": "pawn", "L": "lance", "N": "knight", "S": "silver", "G": "gold", "B": "bishop", "R": "rook", "K": "king"}
WORDS |= {f"+{letter}": f"promoted_{WORDS[letter]}" for letter in "PLNSBR"}
SQUARES = [Square.from_index(index) for index in range(81)]
MOST = {"P": 18, "L": 4, "N": 4, "S": 4, "G": 4, "B": 2, "R": 2}
IN_ALL = ("check", "repetition", "prom_zone", "last2ply", "hand_onehot")
OPTIONAL = (*IN_ALL, "attacks")
EVERYTHING = "core46+all+attacks"
REGISTRY = load_registry()
NUM_CHANNELS = {
    "core46": 46,
    "check": 1,
    "repetition": 2,
    "prom_zone": 1,
    "last2ply": 4,
    "hand_onehot": 56,
    "attacks": 34,
    "safe": 6,
    "history": 308,
}


@attrs.define
class Witness:
    """A game as rsshogi and its score sheet see it."""

    board: Board
    moves: list[str]
    stood: Counter[str]

    @classmethod
    def of(cls, sfen: str) -> "Witness":
        board = Board()
        board.set_sfen(sfen)
        return cls(board, [], Counter([cls.without_number(sfen)]))

    @staticmethod
    def without_number(sfen: str) -> str:
        return sfen.rpartition(" ")[0]

    def play(self, usi: str) -> None:
        self.board.apply_usi(usi)
        self.moves.append(usi)
        self.stood[self.without_number(self.board.to_sfen())] += 1

    def square(self, usi: str) -> tuple[int, int]:
        """Finds file and rank of the mover's view, both from 0."""
        file, rank = int(usi[0]) - 1, "abcdefghi".index(usi[1])
        return (file, rank) if self.board.turn.is_black() else (8 - file, 8 - rank)

    def view(self, squares: UInt8Array) -> UInt8Array:
        """Turns uint8 [81] of Black's view, file by file, into [9, 9] of the mover's."""
        return (squares if self.board.turn.is_black() else squares[::-1]).reshape(9, 9)


def write_slowly(witness: Witness, planes: UInt8Array, channels: dict[str, int]) -> None:
    """Writes the position over planes of zeros, uint8 [C, 9, 9]; `channels` says where each stands."""
    board, spare = witness.board, np.zeros((9, 9), np.uint8)

    def plane(name: str) -> UInt8Array:
        return planes[channels[name]] if name in channels else spare

    for square, piece in board.iter_pieces():
        is_own = str(piece).isupper() == board.turn.is_black()
        plane(f"{'own' if is_own else 'opponent'}_{WORDS[str(piece).upper()]}")[witness.square(str(square))] = 1
    for side, colour in (("own", board.turn), ("opponent", board.turn.opponent())):
        for letter, count in board.hand_counts(colour).items():
            plane(f"{side}_hand_{WORDS[letter]}")[:] = count
            for level in range(1, count + 1):
                plane(f"{side}_hand_{WORDS[letter]}_{level}")[:] = 1
    plane("black_to_move")[:] = board.turn.is_black()
    plane("ply")[:] = min(255, (board.game_ply - 1) * 255 // MAX_PLIES)
    plane("ones")[:] = 1
    plane("check")[:] = board.is_in_check()
    before = witness.stood[witness.without_number(board.to_sfen())] - 1
    plane("repetition_1")[:] = before == 1
    plane("repetition_2")[:] = before == 2
    for rank in (0, 1, 2):
        plane("prom_zone")[:, rank] = 1
    for which, usi in zip(("last", "previous"), reversed(witness.moves[-2:]), strict=False):
        plane(f"{which}_destination")[witness.square(usi[2:4])] = 1
        if usi[1] != "*":
            plane(f"{which}_origin")[witness.square(usi[:2])] = 1
    write_attacks_slowly(witness, plane)


def write_attacks_slowly(witness: Witness, plane: Callable[[str], UInt8Array]) -> None:
    """Writes what rsshogi says each kind of piece attacks, and how many pieces of a side it finds for each square."""
    board = witness.board
    for side, colour in (("own", board.turn), ("opponent", board.turn.opponent())):
        for letter, word in WORDS.items():
            attacked = board.attacks_by(colour, PieceType.from_usi(letter))
            plane(f"{side}_{word}_attacks")[:] = witness.view(marked(attacked))
        attackers = np.array([board.attackers_to_color_current(colour, square).count() for square in SQUARES], np.uint8)
        for count in (1, 2, 3):
            plane(f"{side}_attacks_{count}")[:] = witness.view((attackers >= count).astype(np.uint8))


def marked(squares: Bitboard) -> UInt8Array:
    """Unpacks a set of squares: uint8 [81] of Black's view, file by file."""
    packed = np.frombuffer(squares.packed.to_bytes(11, "little"), np.uint8)
    return np.unpackbits(packed, count=81, bitorder="little")


def build(features: str) -> FeatureSet:
    context = PlaneContext(max_plies=MAX_PLIES)
    return FeatureSet([choice.build(context) for choice in REGISTRY.resolve_features(features)])


CHANNELS = build(EVERYTHING).channels


@attrs.frozen
class Played:
    """Positions of random games in the order in which self-play stores them, N = plies x games."""

    positions: Positions
    encoded: UInt8Array
    """uint8 [N, 144, 9, 9], encoded ply by ply from the positions that `Games` holds."""
    written_slowly: UInt8Array
    """uint8 [N, 144, 9, 9]."""


@pytest.fixture(scope="module")
def played() -> Played:
    features = build(EVERYTHING)
    channels = {channel.name: index for index, channel in enumerate(features.channels)}
    games = Games(NUM_GAMES, starts=Starts.from_sfens(STARTS), seed=3)
    witnesses = [Witness.of(format_sfen(games.positions, row)) for row in range(NUM_GAMES)]
    stored = Positions.empty(NUM_POSITIONS)
    encoded, slow = (np.zeros((NUM_POSITIONS, features.num_channels, 9, 9), np.uint8) for _ in range(2))
    for first in range(0, NUM_POSITIONS, NUM_GAMES):
        play(games, witnesses)
        rows = slice(first, first + NUM_GAMES)
        stored[rows] = games.positions
        features.encode(games.positions, encoded[rows])
        for witness, planes in zip(witnesses, slow[rows], strict=True):
            write_slowly(witness, planes, channels)
    return Played(stored, encoded, slow)


def play(games: Games, witnesses: list[Witness]) -> None:
    """Plays a random move in every game."""
    actions = games.sample()
    moves = [action_to_usi(games.positions, int(actions[row]), row) for row in range(len(games))]
    games.step(actions)
    for row, usi in enumerate(moves):
        witnesses[row].play(usi)
        if games.ending[row]:
            witnesses[row] = Witness.of(format_sfen(games.positions, row))


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.name)
def test_every_plane_equals_its_slow_writer(channel: Channel, played: Played) -> None:
    index = CHANNELS.index(channel)
    np.testing.assert_array_equal(played.encoded[:, index], played.written_slowly[:, index])


def test_random_games_of_both_colours_show_something_on_every_plane_but_the_reserved_one(played: Played) -> None:
    names = [channel.name for channel in CHANNELS]
    for colour, never_seen in ((0, {"reserved"}), (1, {"reserved", "black_to_move"})):
        seen = played.encoded[played.positions.side_to_move == colour].any(axis=(0, 2, 3))
        assert {name for name, is_seen in zip(names, seen, strict=True) if not is_seen} == never_seen


@pytest.mark.parametrize("name", ["core46", "hand_onehot+last2ply", "core46+all", "attacks"])
def test_stored_positions_give_the_planes_of_play_bit_for_bit(name: str, played: Played) -> None:
    features = build(name)
    names = [channel.name for channel in CHANNELS]
    during_play = played.encoded[:, [names.index(channel.name) for channel in features.channels]]
    stored = played.positions[:4000]
    shuffled = np.random.default_rng(0).permutation(len(stored))
    selections = (slice(None), slice(5, 1000), slice(1, None, 7), slice(None, None, -1), shuffled, shuffled % 3 == 0)
    for rows in selections:
        np.testing.assert_array_equal(features.encode(stored[rows]), during_play[:4000][rows])


@pytest.mark.parametrize(("before", "first", "second"), [(0, 0, 0), (1, 1, 0), (2, 0, 1), (3, 0, 1), (255, 0, 1)])
def test_position_that_stood_more_than_twice_before_looks_as_after_twice(before: int, first: int, second: int) -> None:
    position = Positions.empty(1)
    position.repetition[:] = before
    planes = build("repetition").encode(position)[0]
    assert (planes[0] == first).all()
    assert (planes[1] == second).all()


@pytest.mark.parametrize("count", range(len(OPTIONAL) + 2))
def test_any_optional_planes_add_up_in_the_order_written(count: int) -> None:
    for chosen in combinations((*OPTIONAL, "history"), count):
        names = ("core46", *chosen)
        features = build("+".join(names))
        assert features.num_channels == sum(NUM_CHANNELS[name] for name in names)
        assert features.channels == tuple(channel for name in names for channel in build(name).channels)
        assert features.encode(Positions.empty(2, 7)).shape == (2, features.num_channels, 9, 9)


def test_all_stands_for_the_optional_sets_but_attacks_safe_and_history() -> None:
    assert build("core46+all").channels == build("+".join(("core46", *IN_ALL))).channels
    assert build("core46+all").num_channels == 110
    assert build("core46+all+safe").num_channels == 110 + NUM_CHANNELS["safe"]


def test_hands_are_scaled_by_the_most_there_are() -> None:
    scales = {channel.name: channel.scale for channel in build("core46").channels}
    for letter, most in MOST.items():
        assert scales[f"opponent_hand_{WORDS[letter]}"] == pytest.approx(1 / most)
    assert scales["ply"] == pytest.approx(1 / 255)


def test_channels_of_core46_stand_in_the_order_of_the_table() -> None:
    names = [channel.name for channel in build("core46").channels]
    assert [names[index] for index in (0, 4, 5, 7, 8, 13, 14, 27, 28, 32, 35, 42, 43, 44, 45)] == [
        "own_pawn",
        "own_gold",
        "own_bishop",
        "own_king",
        "own_promoted_pawn",
        "own_promoted_rook",
        "opponent_pawn",
        "opponent_promoted_rook",
        "own_hand_pawn",
        "own_hand_gold",
        "opponent_hand_pawn",
        "black_to_move",
        "ply",
        "ones",
        "reserved",
    ]


def test_every_component_is_declared_by_this_distribution() -> None:
    owners = {choice.name: choice.owner.distribution for choice in REGISTRY.choices(Kind.FEATURES)}
    assert {name: owners[name] for name in NUM_CHANNELS} == dict.fromkeys(NUM_CHANNELS, "keisei-plugins-features")
