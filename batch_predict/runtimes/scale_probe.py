"""A model that says nothing of its scale is shown a few digits on each: where does it read best?"""

import json
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.errors import ModelError
from batch_predict.records import PIXEL_MAX
from batch_predict.runtimes.model_file import SHIPPED, ModelFile, card_path
from batch_predict.runtimes.network import Floats, Network
from batch_predict.runtimes.scale import COMMON, Scale

_LOGGER: Final = logging.getLogger(__name__)
_DIGITS: Final = os.path.join(SHIPPED, "probe_digits.npz")
# Of the digits, which are easy ones: a model that reads fewer on every scale shows none to be its.
_LEAST_RIGHT: Final = 0.5
# What follows was chosen on 35 small networks: linear, dense and convolutional, with and without
# biases and batch normalization, trained on 12,000 MNIST digits on one of seven scales.
_LEAST_PROBABILITY: Final = 0.01  # one answer that is sure and wrong must not outweigh ten
_WEIGHT_OF_ERRORS: Final = 4.0  # of the share of digits misread, against nats
_MARGIN: Final = 0.15  # nats: what is this near to the best is as good, and the usual one is taken


@dataclass(frozen=True)
class Told:
    """What a model's own form tells of its scale."""

    candidates: tuple[Scale, ...] = COMMON  # the likely ones first
    likely: Scale | None = None  # what it is where the model reads too badly to show it


def find_scale(run: Network, model: ModelFile, told: Told, batch_size: int) -> Scale:
    """The scale that the card of `model` gives, else the one on which `run` reads digits best.

    A model whose form tells its scale, but that reads fewer than half of the digits, is warned of.

    Raises:
        ModelError: it can't be told.
    """
    if model.scale is not None:
        return model.scale
    if len(told.candidates) == 1:
        return told.candidates[0]
    scale, right, count = _best(run, told.candidates, batch_size)
    if right >= _LEAST_RIGHT * count:
        return scale
    read = f"of {count} known digits it reads {right} at most, on any common scale"
    if told.likely is not None:
        _LOGGER.warning(
            "the model %s reads digits badly: %s; its ten outputs must be the digits 0 to 9, in"
            " order",
            model.path,
            read,
        )
        return told.likely
    card = json.dumps({"sha256": model.sha256, "scale": [0, 255]})
    raise ModelError(
        f"can't tell which values of ground and ink {model.path} takes: {read}; if it is a model of"
        f" digits, say them in {card_path(model.path)}, such as {card}"
    )


def _best(run: Network, scales: Sequence[Scale], batch_size: int) -> tuple[Scale, int, int]:
    """The scale of the least loss, how many of the digits are read right there, and of how many.

    Loss is the cross-entropy of the digits and of blends of two of them. On a scale too wide, a
    network is as right but surer, which shows in the blends: one of the two gets all. On one too
    narrow, it is sure of nothing.
    """
    pixels, labels, others = _digits()
    count = len(labels)
    shown = np.concatenate([scale.values(pixels) for scale in scales])
    answers = _in_batches(run, shown, batch_size).reshape(len(scales), 2 * count, -1)
    surprise = -np.log(np.maximum(np.nan_to_num(answers), _LEAST_PROBABILITY))
    nth = np.arange(count)
    right = (answers[:, :count].argmax(axis=2) == labels).sum(axis=1)
    blends = (surprise[:, count + nth, labels] + surprise[:, count + nth, others]) / 2
    loss = surprise[:, nth, labels].mean(axis=1) + blends.mean(axis=1)
    loss += _WEIGHT_OF_ERRORS * (1 - right / count)
    chosen = int((loss <= loss.min() + _MARGIN).argmax())  # the first of them
    return scales[chosen], int(right[chosen]), count


def _in_batches(run: Network, pixels: Floats, batch_size: int) -> Floats:
    """What `run` answers to `pixels`, asked in whole batches, as it expects them."""
    padding = np.zeros((-len(pixels) % batch_size, *pixels.shape[1:]), np.float32)
    padded = np.concatenate([pixels, padding])
    batches = np.split(padded, len(padded) // batch_size)
    return np.concatenate([run(batch)[0] for batch in batches])[: len(pixels)]


@cache
def _digits() -> tuple[NDArray[np.float32], NDArray[np.intp], NDArray[np.intp]]:
    """Pixels (2n, 28, 28, 1) of n digits and n blends, the digits, and what each is blended with.

    They are in order of their digit, five of each, so that no two of a blend are the same.
    """
    with np.load(_DIGITS) as file:
        digits, labels = file["pixels"], file["labels"].astype(np.intp)
    apart = 1 + len(labels) // 8
    blends = (digits.astype(np.uint16) + np.roll(digits, -apart, axis=0)) // 2
    pixels = np.concatenate([digits, blends])[..., None] / np.float32(PIXEL_MAX)
    return pixels.astype(np.float32), labels, np.roll(labels, -apart)
