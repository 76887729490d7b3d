import attrs
import numpy as np
import pytest

from keisei_core.errors import PluginError
from keisei_core.observe import Channel, CompiledPlanes, FeatureSet, Needs
from keisei_core.shogi import Games, Positions, UInt8Array
from keisei_core.testing import corpus


class Toy:
    """Planes in plain numpy: the ply, then whose turn it is not."""

    def __init__(self, prefix: str = "toy") -> None:
        self.channels = (Channel(f"{prefix}_ply", 0.5), Channel(f"{prefix}_side"))

    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        planes[:, 0] = positions.ply[:, None, None] % 256
        planes[:, 1] = positions.side_to_move[:, None, None]


class Untidy(Toy):
    """Returns an array instead of writing into the one it gets."""

    def encode(self, positions: Positions, planes: UInt8Array) -> UInt8Array:  # type: ignore[override]
        return np.zeros_like(planes)


class Clumsy(Toy):
    """Writes another shape."""

    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        planes[:] = np.zeros((len(positions), 3, 9, 9))


def test_parts_lie_side_by_side_in_the_order_given() -> None:
    features = FeatureSet([Toy("a"), Toy("b")])
    positions = corpus()
    planes = features.encode(positions)
    assert [channel.name for channel in features.channels] == ["a_ply", "a_side", "b_ply", "b_side"]
    assert planes.shape == (len(positions), 4, 9, 9)
    assert planes.dtype == np.uint8
    np.testing.assert_array_equal(planes[:, :2], planes[:, 2:])
    np.testing.assert_array_equal(planes[:, 3, 0, 0], positions.side_to_move)


def test_given_array_is_written_and_returned() -> None:
    features, positions = FeatureSet([Toy()]), corpus()
    out = np.full((len(positions), 2, 9, 9), 77, np.uint8)
    assert features.encode(positions, out) is out
    np.testing.assert_array_equal(out, features.encode(positions))


def test_build_scales_the_planes_of_one_position() -> None:
    features, position = FeatureSet([Toy()]), Positions.empty(1)
    position.ply[:] = 7
    seen = features.build(position)
    assert (seen.dtype, seen.shape) == (np.float32, (2, 9, 9))
    assert (seen[0] == 3.5).all()
    assert features.scales.tolist() == [0.5, 1.0]


def test_build_of_two_positions_is_refused() -> None:
    with pytest.raises(ValueError, match="expected one position, got 2; use encode"):
        FeatureSet([Toy()]).build(Positions.empty(2))


@pytest.mark.parametrize(
    "out",
    [
        pytest.param(np.zeros((3, 2, 9, 9), np.uint8), id="too many positions"),
        pytest.param(np.zeros((2, 2, 9, 9), np.float32), id="another dtype"),
        pytest.param(np.zeros((4, 2, 9, 9), np.uint8)[::2], id="not contiguous"),
    ],
)
def test_array_of_another_form_is_refused(out: UInt8Array) -> None:
    with pytest.raises(ValueError, match=r"out must be uint8 \[2, 2, 9, 9\], C-contiguous and writable"):
        FeatureSet([Toy()]).encode(Positions.empty(2), out)


def test_channel_named_twice_is_refused_with_both_owners() -> None:
    with pytest.raises(PluginError, match=r"'toy_ply' is declared by .*Toy and again by .*Untidy"):
        FeatureSet([Toy(), Untidy()])


@pytest.mark.parametrize("channels", [(), ("own_pawn",), [Channel("own_pawn")], None])
def test_channels_that_are_no_tuple_of_channels_are_refused(channels: object) -> None:
    toy = Toy()
    toy.channels = channels  # type: ignore[assignment]
    with pytest.raises(PluginError, match=r"channels of .*Toy must be a tuple of one or more"):
        FeatureSet([toy])


def test_returned_planes_are_refused_by_name_of_the_class() -> None:
    with pytest.raises(PluginError, match=r"encode of .*Untidy must write into planes and return None, got ndarray"):
        FeatureSet([Untidy()]).encode(Positions.empty(1))


def test_exception_in_encode_names_the_class() -> None:
    with pytest.raises(ValueError, match="broadcast") as caught:
        FeatureSet([Toy("other"), Clumsy()]).encode(Positions.empty(4))
    assert any("Clumsy encoded planes, uint8 [4, 2, 9, 9]" in note for note in caught.value.__notes__)


def test_planes_in_plain_numpy_keep_the_contract_but_for_what_is_absolute() -> None:
    features = FeatureSet([Toy()])
    positions = corpus()
    np.testing.assert_array_equal(features.encode(positions)[5:9], features.encode(positions[5:9]))
    np.testing.assert_array_equal(features.encode(positions)[::2], features.encode(positions[::2]))


class Flat(CompiledPlanes):
    """Planes by way of flat memory: the ply, then whose turn it is not."""

    channels = (Channel("flat_ply"), Channel("flat_side"))

    def encode_flat(self, positions: Positions, memory: UInt8Array, row_stride: int) -> None:
        assert len(memory) == max(0, (len(positions) - 1) * row_stride + 2 * 81)
        for row in range(len(positions)):
            memory[row * row_stride :][:81] = positions.ply[row] % 256
            memory[row * row_stride + 81 :][:81] = positions.side_to_move[row]


@pytest.mark.parametrize("num_positions", [0, 1, 2, 40])
def test_planes_in_flat_memory_and_in_numpy_lie_side_by_side(num_positions: int) -> None:
    positions = corpus()[:num_positions]
    planes = FeatureSet([Toy("a"), Flat(), Toy("b")]).encode(positions)
    alone = np.zeros((num_positions, 2, 9, 9), np.uint8)
    Flat().encode(positions, alone)
    for first in (0, 2, 4):
        np.testing.assert_array_equal(planes[:, first : first + 2], alone)


def test_exception_in_encode_flat_names_the_class() -> None:
    features = FeatureSet([Flat()])
    position = Positions.empty(1)
    with pytest.raises(IndexError) as caught:
        features.encode(attrs.evolve(position, ply=position.ply[:0]))
    assert any("Flat encoded planes, uint8 [1, 2, 9, 9]" in note for note in caught.value.__notes__)


class Looking(Toy):
    """Shows how many earlier positions there are to see, and how many of them stood."""

    def __init__(self, prefix: str, history: int) -> None:
        super().__init__(prefix)
        self.needs = Needs(history=history)

    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        planes[:, 0] = positions.num_earlier
        planes[:, 1] = positions.earlier_board.any(axis=2).sum(axis=1)[:, None, None]


def test_each_part_sees_as_many_earlier_positions_as_it_asks_for() -> None:
    features = FeatureSet([Looking("two", 2), Toy(), Looking("five", 5)])
    games = Games(2, history=6)
    for _ in range(3):
        games.step(games.sample())

    planes = features.encode(games.positions)

    assert features.needs == Needs(history=5)
    assert planes[0, [0, 1, 4, 5], 0, 0].tolist() == [2, 2, 5, 3]


def test_parts_that_ask_for_nothing_see_nothing_of_the_past() -> None:
    class Curious(Toy):
        def encode(self, positions: Positions, planes: UInt8Array) -> None:
            planes[:] = positions.num_earlier

    assert not FeatureSet([Curious()]).encode(corpus(history=3)).any()


def test_history_stays_contiguous_for_each_part() -> None:
    class Checking(Looking):
        def encode(self, positions: Positions, planes: UInt8Array) -> None:
            assert all(array.flags.c_contiguous for array in positions.arrays().values())
            planes[:] = 0

    FeatureSet([Checking("two", 2), Checking("five", 5)]).encode(corpus(history=6)[::2])


def test_positions_with_less_history_than_a_part_needs_are_refused() -> None:
    with pytest.raises(ValueError, match=r"expected positions with 5 earlier ones each, got 4; play them in Games\("):
        FeatureSet([Looking("five", 5)]).encode(corpus(history=4))


def test_build_takes_a_position_from_text_for_the_start_of_a_game() -> None:
    assert FeatureSet([Looking("five", 5)]).build(Positions.empty(1))[0].tolist() == [[2.5] * 9] * 9


@pytest.mark.parametrize("needs", [7, {"history": 7}, None])
def test_needs_of_another_kind_are_refused(needs: object) -> None:
    toy = Toy()
    toy.needs = needs  # type: ignore[attr-defined]

    with pytest.raises(PluginError, match=r"needs of .*Toy must be a keisei_core\.observe\.Needs, got"):
        FeatureSet([toy])


@pytest.mark.parametrize("history", [-1, 1.5, "7"])
def test_history_is_a_number_of_positions(history: object) -> None:
    with pytest.raises((TypeError, ValueError), match="history"):
        Needs(history=history)  # type: ignore[arg-type]
