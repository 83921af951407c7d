"""Batches cut into slices of one size."""

import numpy as np
import pytest

from batch_predict.runtimes.network import Floats
from batch_predict.runtimes.sliced import PIXELS_A_SLICE, SLICE, slice_size, sliced


@pytest.mark.parametrize(
    ("side", "times", "size"),
    [
        pytest.param(28, 1, 32, id="28"),
        pytest.param(64, 1, 8, id="64"),
        pytest.param(192, 1, 1, id="192"),
        pytest.param(193, 1, 1, id="more than fits"),
        pytest.param(64, 4, 32, id="64, four times as many"),
        pytest.param(192, 4, 4, id="192, four times as many"),
    ],
)
def test_the_size_of_a_slice(side: int, times: int, size: int) -> None:
    assert slice_size((side, side, 3), times * PIXELS_A_SLICE) == size


def test_that_of_digits() -> None:
    assert SLICE == 32


@pytest.mark.parametrize("count", [1, 4, 5, 23])
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_answers_are_in_order_and_every_slice_is_whole(count: int, threads: int) -> None:
    def run(values: Floats) -> tuple[Floats, ...]:
        assert values.shape == (4, 2, 2, 1)
        return values + 1, values.sum(axis=(1, 2, 3))

    given = np.arange(count * 4, dtype=np.float32).reshape(count, 2, 2, 1)
    plus, sums = sliced([run] * threads, 4)(given)
    np.testing.assert_array_equal(plus, given + 1)
    np.testing.assert_array_equal(sums, given.sum(axis=(1, 2, 3)))
