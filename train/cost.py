"""What a prediction costs, against the article's network on the same machine."""

import time
from typing import Final

import keras
import numpy as np

from batch_predict.records import SIDE
from train.networks import article_code

BATCH: Final = 1024
WARM_UPS: Final = 3
ROUNDS: Final = 40


def cost_ratio(model: keras.Model, rounds: int = ROUNDS) -> float:
    """Median over `rounds` of `model`'s `predict_on_batch` time over article-code's, in turn."""
    pixels = np.random.default_rng(0).random((BATCH, SIDE, SIDE, 1), np.float32)
    other = article_code()
    for _ in range(WARM_UPS):
        _seconds(model, pixels)
        _seconds(other, pixels)
    ratios = [_seconds(model, pixels) / _seconds(other, pixels) for _ in range(rounds)]
    return float(np.median(ratios))


def _seconds(model: keras.Model, pixels: np.ndarray) -> float:
    start = time.perf_counter()
    model.predict_on_batch(pixels)
    return time.perf_counter() - start
