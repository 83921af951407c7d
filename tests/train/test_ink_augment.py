import numpy as np
import pytest
from keras import ops

from batch_predict.normalize.letterbox import LARGE, SMALL
from train.ink_augment import STILL, Augment


def planes(count, side):
    """A disc off the middle, in the picture and on the first map."""
    y, x = np.indices((side, side)) / side
    disc = (np.hypot(x - 0.6, y - 0.5) < 0.2) * np.uint8(255)
    picture = np.zeros((side, side, 6), np.uint8)
    picture[..., :3] = disc[..., None] // 2 + 40
    picture[..., 3] = disc
    return np.repeat(picture[None], count, axis=0)


def augmented(given, training=True):
    pixels, maps = Augment(1)(given, training=training)
    return ops.convert_to_numpy(pixels), ops.convert_to_numpy(maps)


def test_without_training_nothing_changes():
    given = planes(2, SMALL)
    pixels, maps = augmented(given, training=False)
    np.testing.assert_array_equal(pixels, given[..., :3])
    np.testing.assert_allclose(maps, given[..., 3:] / np.float32(255))


@pytest.mark.parametrize("side", [SMALL, LARGE])
def test_maps_move_with_their_pictures(side):
    pixels, maps = augmented(planes(64, side))
    assert pixels.shape == maps.shape == (64, side, side, 3)
    assert pixels.min() >= 0
    assert pixels.max() <= 255
    for picture, ink in zip(pixels.mean(axis=-1), maps[..., 0], strict=True):
        assert abs(np.corrcoef(picture.ravel(), ink.ravel())[0, 1]) > 0.9
    assert maps[..., 1:].max() == 0


def test_a_share_stays_where_it_is_and_the_others_all_differ():
    given = planes(200, SMALL)
    _, maps = augmented(given)
    still = (maps[..., 0] == given[..., 3] / np.float32(255)).all(axis=(1, 2)).mean()
    assert still == pytest.approx(STILL, abs=0.1)
    assert len(np.unique(maps.sum(axis=(1, 2, 3)))) > 130


@pytest.mark.slow
def test_only_small_pictures_are_inverted():
    def inverted(side):
        pixels, maps = augmented(planes(64, side))
        ink = maps[..., 0] > 0.5
        grey = pixels.mean(axis=-1)
        return sum(g[i].mean() < g[~i].mean() for g, i in zip(grey, ink, strict=True))

    assert inverted(LARGE) == 0
    assert inverted(SMALL) > 0


def test_nothing_is_written_on_what_comes_into_view():
    given = planes(64, SMALL)
    given[..., 5] = 255
    _, maps = augmented(given)
    assert set(np.unique(maps[:, 0, 0, 2].round(3))) >= {0.0, 1.0}
