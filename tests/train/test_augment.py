import numpy as np
import pytest

from train.augment import augment
from train.corrupt import CORRUPTIONS
from train.degradations import DEGRADATIONS


def bar():
    picture = np.zeros((28, 28), np.uint8)
    picture[4:24, 12:16] = 255
    picture[4:24, 16] = 120  # a soft edge
    return picture


OPERATIONS = CORRUPTIONS | {each.__name__: each for each in DEGRADATIONS}


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_an_operation_gives_a_changed_picture_and_leaves_its_own_alone(operation):
    rng, picture = np.random.default_rng(0), bar()
    results = [operation(rng, picture) for _ in range(20)]
    assert all(result.shape == (28, 28) and result.dtype == np.uint8 for result in results)
    assert any((result != picture).any() for result in results)
    np.testing.assert_array_equal(picture, bar())


@pytest.mark.parametrize(
    "picture",
    [np.zeros((28, 28), np.uint8), np.full((28, 28), 255, np.uint8)],
    ids=["empty", "full"],
)
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_an_operation_survives_the_extremes(operation, picture):
    assert operation(np.random.default_rng(0), picture).shape == (28, 28)


def test_augmentation_follows_its_seed_and_moves_every_picture():
    pixels = np.stack([bar()] * 250)
    first, again, other = (augment(np.random.default_rng(seed), pixels) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert (first != pixels).any(axis=(1, 2)).all()


def test_without_degrading_the_ink_stays():
    soft = augment(np.random.default_rng(0), np.stack([bar()] * 100), hard_share=0)
    assert soft.mean() == pytest.approx(bar().mean(), rel=0.15)


def test_what_is_bent_less_stays_nearer():
    pixels = np.stack([bar()] * 100)
    far, near = (
        augment(np.random.default_rng(0), pixels, hard_share=0, bent=bent) for bent in (1.0, 0.3)
    )
    moved = [np.abs(each.astype(int) - pixels).mean() for each in (far, near)]
    assert moved[1] < moved[0] / 2
