"""A picture has one hash, wherever it is made, and its neighbours have others."""

import numpy as np
import pytest

from batch_predict.pixel_hash import are_among, pixel_hashes
from batch_predict.records import SIDE
from tests.conftest import noise


def test_the_hash_of_a_picture_is_for_good() -> None:
    """What models have beside them holds such hashes."""
    picture = np.arange(SIDE * SIDE).astype(np.uint8)
    assert pixel_hashes(picture[None]).tolist() == [2219257746521110904]


def test_each_picture_has_its_own_in_any_company() -> None:
    pictures = np.stack([noise(n) for n in range(20)])
    alone = [pixel_hashes(picture[None])[0] for picture in pictures]
    np.testing.assert_array_equal(pixel_hashes(pictures), alone)
    np.testing.assert_array_equal(pixel_hashes(pictures[::2]), alone[::2])
    assert len(set(alone)) == 20


def test_pictures_that_differ_in_two_pixels_differ() -> None:
    """Also in those that are the highest bits of their words."""
    places = np.array([(a, b) for a in range(7, 784, 8) for b in range(a + 8, 784, 8)])
    pictures = np.zeros((len(places), SIDE * SIDE), np.uint8)
    pictures[np.arange(len(places))[:, None], places] = [255, 128]
    assert len(np.unique(pixel_hashes(pictures.reshape(-1, SIDE, SIDE)))) == len(places)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        pytest.param([], [False, False, False], id="none"),
        pytest.param([-5, 3], [True, False, False], id="the lowest"),
        pytest.param([3, 9], [False, False, True], id="the highest"),
        pytest.param([-5, 7, 9], [True, True, True], id="all"),
    ],
)
def test_which_are_known(known: list[int], expected: list[bool]) -> None:
    found = are_among(np.array([-5, 7, 9]), np.array(known, np.int64))
    assert found.tolist() == expected
