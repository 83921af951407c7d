"""Batches that are full by number, bytes or time; none is lost, and their order stays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_predict.engines import full_batches
from batch_predict.engines.full_batches import FullBatches
from batch_predict.records import Batch, ImageRef, Prepared, Seen
from tests.conftest import noise

KIB = 1024


def prepared(number: int, kib: int) -> Prepared:
    """A picture that was marked, where it has any size."""
    if not kib:
        return Prepared(ImageRef(str(number)), noise(number))
    picture = np.zeros((kib, KIB), np.uint8)
    seen = Seen(picture, np.zeros((0, 0, 3), np.uint8), np.zeros(12, np.float32))
    return Prepared(ImageRef(str(number)), noise(number), (), seen)


def held(batch: Batch) -> int:
    return sum(seen.nbytes for seen in batch.seen if seen is not None)


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        pytest.param([0] * 7, [3, 3, 1], id="by number"),
        pytest.param([40, 40], [2], id="not yet by bytes"),
        pytest.param([100, 1, 1], [1, 2], id="one fills it"),
        pytest.param([60, 60, 1, 0], [2, 2], id="two fill it"),
        pytest.param([60, 0, 0, 60, 60], [3, 2], id="bytes are counted anew"),
        pytest.param([], [], id="none"),
    ],
)
def test_what_makes_a_batch_full(
    sizes: list[int], expected: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(full_batches, "SCORED_TOGETHER", 3)
    monkeypatch.setattr(full_batches, "MOST_BYTES", 100 * KIB)
    collected = FullBatches(1, clock=lambda: 0.0)
    made = [
        batch
        for number, kib in enumerate(sizes)
        for batch in collected.add(Batch.of([prepared(number, kib)]))
    ]
    made += collected.rest()
    assert [len(batch.refs) for batch in made] == expected


def test_where_pictures_come_slowly_they_wait_for_few() -> None:
    now = iter([0.0, 0.1, full_batches.MOST_WAIT_S, full_batches.MOST_WAIT_S + 0.1])
    collected = FullBatches(1, clock=lambda: next(now))
    made = [[*collected.add(Batch.of([prepared(number, 0)]))] for number in range(3)]
    assert [[len(batch.refs) for batch in each] for each in made] == [[], [], [3]]


@pytest.mark.parametrize(
    ("batch_size", "together"),
    [
        pytest.param(256, 4096, id="some batches"),
        pytest.param(3000, 6000, id="whole batches"),
        pytest.param(65_536, 65_536, id="one batch"),
    ],
)
def test_whole_batches_are_scored_together(batch_size: int, together: int) -> None:
    collected = FullBatches(batch_size, clock=lambda: 0.0)
    count = together - 1
    many = Batch([ImageRef("")] * count, np.zeros((count, 28, 28), np.uint8), [None] * count, [()])
    assert [*collected.add(many)] == []
    assert [len(batch.refs) for batch in collected.add(Batch.of([prepared(0, 0)]))] == [together]


@given(
    st.lists(st.lists(st.sampled_from([0, 1, 50, 200]), max_size=6), max_size=8),
    st.integers(1, 40),
)
def test_each_picture_is_in_one_batch_and_in_order(parts: list[list[int]], size: int) -> None:
    constants = full_batches.MOST_BYTES, full_batches.SCORED_TOGETHER
    full_batches.MOST_BYTES, full_batches.SCORED_TOGETHER = 100 * KIB, size
    try:
        numbers = iter(range(100))
        given_parts = [[prepared(next(numbers), kib) for kib in part] for part in parts]
        collected = FullBatches(1, clock=lambda: 0.0)
        made = [batch for part in given_parts for batch in collected.add(Batch.of(part))]
        made += collected.rest()
        assert list(collected.rest()) == []
    finally:
        full_batches.MOST_BYTES, full_batches.SCORED_TOGETHER = constants
    assert all(0 < len(batch.refs) <= size for batch in made)
    whole = Batch.concatenate(made)
    everything = [each for part in given_parts for each in part]
    assert whole.refs == [each.ref for each in everything]
    assert [*map(id, whole.seen)] == [id(each.seen) for each in everything]
    np.testing.assert_array_equal(whole.pixels, Batch.of(everything).pixels)
    # What stays for later is below the bound; what is given, by one addition at most above it.
    assert all(held(batch) < 100 * KIB + 6 * 200 * KIB for batch in made)
