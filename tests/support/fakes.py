"""A runtime whose answer can be read off the pixels, so that a misplaced row shows."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from batch_predict.marking import Marker
from batch_predict.records import CLASSES, INK_CLASSES
from batch_predict.runtimes import Classifier, Network, Runtime
from batch_predict.runtimes.ink import Ink
from batch_predict.runtimes.model_file import ModelFile
from batch_predict.scoring import Networks, Scorer


def expected(pixels: NDArray[np.uint8]) -> tuple[int, float]:
    """Label and confidence for the (28, 28) uint8 picture that the model sees."""
    ink = int(pixels.astype(np.int64).sum())
    return ink % CLASSES, 0.5 + (ink // CLASSES % 1000) / 2000


def load_classifier(model: ModelFile, batch_size: int) -> Classifier:
    """A stand-in for a real runtime's."""

    def network(pixels: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        assert pixels.shape == (batch_size, 28, 28, 1)
        assert pixels.dtype == np.float32
        answers = [expected(np.rint(p[..., 0] * 255).astype(np.uint8)) for p in pixels]
        out = np.empty((len(pixels), CLASSES), np.float32)
        for row, (label, confidence) in zip(out, answers, strict=True):
            row[:] = (1 - confidence) / (CLASSES - 1)
            row[label] = confidence
        return (out,)

    return Classifier(network)


def load_any_size(model: ModelFile, outputs: Sequence[str]) -> Network:
    """A stand-in for a network that marks ink, which takes what is dark for the digit's."""

    def network(pictures: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        assert pictures.dtype == np.float32
        maps = np.zeros(pictures.shape, np.float32)
        maps[..., 0] = 1 - pictures.mean(axis=3) / 255
        classes = np.zeros((len(pictures), INK_CLASSES), np.float32)
        classes[:, :CLASSES] = 1 / CLASSES
        answers = {"maps": maps, "classes": classes}
        return tuple(answers[name] for name in outputs)

    return network


RUNTIME = Runtime(load_classifier, load_any_size)


def marker() -> Marker:
    """One that asks the fake network."""
    return Marker(Ink(ModelFile("ink.keras", "", None, None), load_any_size))


def scorer(batch_size: int, review_below: float | None = None) -> Scorer:
    """One that asks the fake runtime, for what is marked too."""
    classifier = load_classifier(ModelFile("", "", None, None), batch_size)
    return Scorer(Networks(classifier, marker(), None), None, batch_size, review_below)
