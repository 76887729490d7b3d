import numpy as np
import pytest

from keisei_core.observe import flat_planes


@pytest.mark.parametrize(("start", "stop"), [(0, 5), (1, 3), (4, 5)])
@pytest.mark.parametrize("num_positions", [1, 2, 7])
def test_flat_memory_is_the_view_itself(num_positions: int, start: int, stop: int) -> None:
    whole = np.arange(num_positions * 5 * 81, dtype=np.int64).astype(np.uint8).reshape(num_positions, 5, 9, 9)
    planes = whole[:, start:stop]
    memory, row_stride = flat_planes(planes)
    for position, plane, file, rank in np.ndindex(planes.shape):
        assert memory[position * row_stride + plane * 81 + file * 9 + rank] == planes[position, plane, file, rank]
    memory[-1] += 1
    assert planes[-1, -1, -1, -1] == memory[-1]
    assert len(memory) == (num_positions - 1) * row_stride + (stop - start) * 81


def test_no_positions_give_empty_memory() -> None:
    memory, row_stride = flat_planes(np.zeros((0, 5, 9, 9), np.uint8)[:, 1:3])
    assert (len(memory), row_stride) == (0, 2 * 81)


@pytest.mark.parametrize(
    "planes",
    [
        pytest.param(np.zeros((2, 3, 9, 9), np.float32), id="another dtype"),
        pytest.param(np.zeros((2, 3, 81), np.uint8), id="another rank"),
        pytest.param(np.zeros((2, 3, 9, 8), np.uint8), id="another board"),
    ],
)
def test_planes_of_another_kind_are_refused(planes: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"planes must be uint8 \[N, c, 9, 9\], got"):
        flat_planes(planes)


@pytest.mark.parametrize(
    "planes",
    [
        pytest.param(np.zeros((2, 6, 9, 9), np.uint8)[:, ::2], id="every other plane"),
        pytest.param(np.zeros((2, 3, 9, 9), np.uint8).transpose(0, 1, 3, 2), id="ranks before files"),
        pytest.param(np.zeros((3, 2, 9, 9), np.uint8).transpose(1, 0, 2, 3), id="planes before positions"),
        pytest.param(np.zeros((2, 3, 9, 9), np.uint8)[::-1], id="last position first"),
        pytest.param(np.broadcast_to(np.zeros((1, 3, 9, 9), np.uint8), (2, 3, 9, 9)), id="one position twice"),
    ],
)
def test_planes_that_are_not_contiguous_within_a_position_are_refused(planes: np.ndarray) -> None:
    with pytest.raises(ValueError, match="must be contiguous and writable"):
        flat_planes(planes)
