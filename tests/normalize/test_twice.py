"""Normalizing what is normalized changes nothing that matters."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.normalize.pipeline import normalize
from batch_predict.records import ImageRef, Picture, Prepared
from train.drawn import draw_digit

REF = ImageRef("a.png")


def prepared(pixels: np.ndarray, mode: Preprocess) -> Prepared:
    result = normalize(Picture(REF, pixels), mode, Polarity.AUTO)
    assert isinstance(result, Prepared)
    return result


def box(pixels: np.ndarray) -> np.ndarray:
    rows, columns = np.nonzero(pixels > 64)
    return np.array([rows.min(), rows.max(), columns.min(), columns.max()])


@settings(max_examples=40, deadline=None, derandomize=True)
@given(digit=st.integers(0, 9), seed=st.integers(0, 10_000), mode=st.sampled_from(Preprocess))
def test_twice_is_once_within_a_pixel(digit: int, seed: int, mode: Preprocess) -> None:
    ink = draw_digit(np.random.default_rng(seed), digit, 100)
    once = prepared(255 - ink, Preprocess.MNIST).pixels
    twice = prepared(once, mode).pixels
    assert np.abs(box(twice) - box(once)).max() <= 1
