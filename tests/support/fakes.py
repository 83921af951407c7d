"""A runtime whose answer can be read off the pixels, so that a misplaced row shows."""

import numpy as np
from numpy.typing import NDArray

from batch_predict.records import CLASSES
from batch_predict.runtimes import Runtime
from batch_predict.runtimes.model_file import ModelFile


def expected(pixels: NDArray[np.uint8]) -> tuple[int, float]:
    """Label and confidence for the (28, 28) uint8 picture that the model sees."""
    ink = int(pixels.astype(np.int64).sum())
    return ink % CLASSES, 0.5 + (ink // CLASSES % 1000) / 2000


def load(model: ModelFile, batch_size: int) -> Runtime:
    """A stand-in for a real runtime's `load`."""

    def runtime(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        assert pixels.shape == (batch_size, 28, 28, 1)
        assert pixels.dtype == np.float32
        answers = [expected(np.rint(p[..., 0] * 255).astype(np.uint8)) for p in pixels]
        out = np.empty((len(pixels), CLASSES), np.float32)
        for row, (label, confidence) in zip(out, answers, strict=True):
            row[:] = (1 - confidence) / (CLASSES - 1)
            row[label] = confidence
        return out

    return runtime
