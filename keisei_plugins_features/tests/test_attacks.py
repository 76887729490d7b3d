"""Attacks worked out by hand, where a rule is easily got wrong."""

import pytest

from keisei_core.shogi import UInt8Array, parse_sfen
from keisei_core.testing import feature_set

ATTACKS = feature_set("attacks")
NAMES = [channel.name for channel in ATTACKS.channels]
Planes = dict[str, UInt8Array]

GOLD_MOVES = {"4d", "5d", "6d", "4e", "6e", "5f"}
ORTHOGONAL = {f"{file}e" for file in "12346789"} | {f"5{rank}" for rank in "abcdfghi"}
DIAGONAL = {"1a", "2b", "3c", "4d", "6f", "7g", "8h", "9i", "9a", "8b", "7c", "6d", "4f", "3g", "2h", "1i"}


def planes_of(sfen: str) -> Planes:
    """Encodes a position: uint8 [9, 9] by channel name."""
    return dict(zip(NAMES, ATTACKS.encode(parse_sfen(sfen))[0], strict=True))


def squares(plane: UInt8Array) -> set[str]:
    """Names the marked squares as the mover sees them: files 1 to 9 from his right, ranks a to i from the far one."""
    return {f"{file + 1}{'abcdefghi'[rank]}" for file, rank in zip(*plane.nonzero(), strict=True)}


def test_lance_behind_a_pawn_attacks_the_pawn_and_nothing_beyond() -> None:
    planes = planes_of("k8/9/9/9/4P4/9/4L4/9/8K b - 1")
    assert squares(planes["own_lance_attacks"]) == {"5f", "5e"}
    assert squares(planes["own_pawn_attacks"]) == {"5d"}


def test_second_lance_attacks_no_farther_than_the_first() -> None:
    planes = planes_of("k8/9/9/9/9/4L4/9/4L4/8K b - 1")
    assert squares(planes["own_lance_attacks"]) == {"5a", "5b", "5c", "5d", "5e", "5f", "5g"}
    assert not {"5e", "5d"} & squares(planes["own_attacks_2"])


def test_nothing_attacks_through_the_king_in_check() -> None:
    planes = planes_of("k8/9/9/9/1r2K4/9/9/9/9 b - 1")
    along_the_rank = {square for square in squares(planes["opponent_rook_attacks"]) if square[1] == "e"}
    assert along_the_rank == {"9e", "7e", "6e", "5e"}


def test_defended_own_squares_count() -> None:
    planes = planes_of("k8/9/9/9/9/9/9/4G4/4K4 b - 1")
    assert "5h" in squares(planes["own_king_attacks"])
    assert "5i" in squares(planes["own_gold_attacks"])
    assert squares(planes["own_attacks_2"]) == {"4h", "6h"}


def test_pinned_piece_attacks_as_any_other() -> None:
    planes = planes_of("k8/9/9/9/4r4/9/9/4G4/4K4 b - 1")
    assert squares(planes["own_gold_attacks"]) == {"4g", "5g", "6g", "4h", "6h", "5i"}


@pytest.mark.parametrize(
    ("board", "attacked"),
    [
        ("k8/9/9/9/9/9/9/9/N7K", {"8g"}),
        ("k8/9/9/9/9/9/9/9/K7N", {"2g"}),
        ("k8/9/9/9/4N4/9/9/9/8K", {"4c", "6c"}),
        ("k8/9/8N/9/9/9/9/9/8K", {"2a"}),
    ],
)
def test_own_knight_jumps_two_ranks_up_and_never_over_the_edge(board: str, attacked: set[str]) -> None:
    assert squares(planes_of(f"{board} b - 1")["own_knight_attacks"]) == attacked


@pytest.mark.parametrize(
    ("board", "attacked"),
    [
        ("n3k4/9/9/9/9/9/9/9/8K", {"8c"}),
        ("4k3n/9/9/9/9/9/9/9/8K", {"2c"}),
        ("k8/9/9/9/4n4/9/9/9/8K", {"4g", "6g"}),
        ("k8/9/9/9/9/9/n8/9/8K", {"8i"}),
    ],
)
def test_opponents_knight_jumps_two_ranks_down_and_never_over_the_edge(board: str, attacked: set[str]) -> None:
    assert squares(planes_of(f"{board} b - 1")["opponent_knight_attacks"]) == attacked


def test_planes_are_the_movers_view_of_whites_pieces() -> None:
    planes = planes_of("n3k4/9/9/9/9/9/9/9/8K w - 1")
    assert squares(planes["own_knight_attacks"]) == {"2g"}
    assert squares(planes["opponent_king_attacks"]) == {"9b", "8b", "8a"}


@pytest.mark.parametrize(
    ("letter", "kind", "attacked"),
    [
        ("P", "pawn", GOLD_MOVES),
        ("L", "lance", GOLD_MOVES),
        ("N", "knight", GOLD_MOVES),
        ("S", "silver", GOLD_MOVES),
        ("B", "bishop", DIAGONAL | {"5d", "4e", "6e", "5f"}),
        ("R", "rook", ORTHOGONAL | {"4d", "6d", "4f", "6f"}),
    ],
)
def test_promoted_piece_shows_its_new_moves_on_a_plane_of_its_own(letter: str, kind: str, attacked: set[str]) -> None:
    planes = planes_of(f"6k2/9/9/9/4+{letter}4/9/9/9/6K2 b - 1")
    assert squares(planes[f"own_promoted_{kind}_attacks"]) == attacked
    marked = {name for name in NAMES if planes[name].any() and not name[-1].isdigit()}
    assert marked == {f"own_promoted_{kind}_attacks", "own_king_attacks", "opponent_king_attacks"}


@pytest.mark.parametrize(
    ("rook", "golds", "levels"),
    [("9", "4S4", 1), ("4R4", "4S4", 2), ("9", "3GSG3", 3), ("4R4", "3GSG3", 3)],
    ids=["one", "two", "three", "four"],
)
def test_fourth_attacker_looks_like_the_third(rook: str, golds: str, levels: int) -> None:
    planes = planes_of(f"k8/9/{rook}/9/9/{golds}/9/9/K8 b - 1")
    seen = [planes[f"own_attacks_{count}"][4, 4] for count in (1, 2, 3)]
    assert seen == [1] * levels + [0] * (3 - levels)
    assert not planes["opponent_attacks_1"][4, 4]
