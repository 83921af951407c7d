"""The benchmark's own pictures: decodable, from a seed, and of the digit they claim."""

import io

import numpy as np
import pytest
from PIL import Image

from tests.bench.corruptions import CORRUPTIONS
from tests.bench.encodings import VARIANTS
from tests.bench.sets import KINDS, make_set

pytestmark = pytest.mark.data
SHOWN = [name for name in KINDS if ": " not in name]
PHOTOGRAPHED = ("school: ", "form: ", "other: ", "letters: ", "several: ")
SINGLY = [name for name in KINDS if name.startswith(PHOTOGRAPHED)]


@pytest.mark.parametrize("name", SHOWN)
def test_set_is_pictures_with_labels_and_the_same_every_time(name):
    samples = make_set(name, 3)
    assert samples == make_set(name, 3)
    assert samples != make_set(name, 3, seed=1)
    for sample in samples:
        Image.open(io.BytesIO(sample.data)).load()
        assert sample.label in range(10) or name in ("no digits", "empty pages")


@pytest.mark.parametrize("name", SINGLY)
def test_scene_is_a_picture_with_its_label_and_the_same_every_time(name):
    (sample,) = make_set(name, 1)
    assert [sample] == make_set(name, 1)
    assert (sample.label is None) == name.startswith(("letters", "several"))
    picture = Image.open(io.BytesIO(sample.data))
    assert picture.convert("L").getextrema()[0] < picture.convert("L").getextrema()[1] - 20


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_corruption_changes_the_picture_and_keeps_its_form(name):
    ink = np.zeros((28, 28), np.uint8)
    ink[6:22, 12:16] = 255
    spoilt = CORRUPTIONS[name](np.random.default_rng(0), ink)
    assert spoilt.shape == (28, 28)
    assert spoilt.dtype == np.uint8
    assert not np.array_equal(spoilt, ink)


def test_there_are_fifteen_families_and_112_encodings():
    assert (len(CORRUPTIONS), len(VARIANTS)) == (15, 112)
