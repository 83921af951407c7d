"""Our program as a tool of the benchmark, with a model of its own or another's."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from batch_predict import predict
from batch_predict.pixel_hash import are_among, pixel_hashes
from batch_predict.records import SIDE
from batch_predict.runtimes.ink import find_ink
from batch_predict.runtimes.model_file import ModelFile, find_model
from batch_predict.runtimes.training_digits import training_digits
from tests.bench.looks import counted_looks
from tests.bench.sample import Sample
from tests.bench.tools import CHUNK, Answers


class Program:
    """`predict` with its keywords: the program, with a model of its own or another's."""

    together = CHUNK

    def __init__(self, name: str, model: str, **keywords: Any) -> None:
        self.name = name
        self._keywords = {"model": model, **keywords}
        found = find_model(model)
        paths = [each.path for each in (found, *found.judges, find_ink())]
        self.about = {
            "kind": "program",
            "prepared": "by ours",
            "model": model,
            **{name: str(value) for name, value in keywords.items()},
            "sha256": found.sha256,
            "model_bytes": sum(Path(path).stat().st_size for path in paths),
        }

    def answers(self, samples: Sequence[Sample]) -> Answers:
        """See `Tool`."""
        with counted_looks() as looks:
            predictions = predict([sample.data for sample in samples], **self._keywords)
        return Answers(predictions, [looks.get(str(n), 0) for n in range(len(samples))])


def learned_from(samples: Sequence[Sample], model: ModelFile) -> int | None:
    """How many of `samples` are digits, pixel for pixel, that `model` learned from as they are;
    None: its card does not say."""
    known = training_digits(model)
    if known is None:
        return None
    pictures = (Image.open(io.BytesIO(sample.data)) for sample in samples)
    grey = [np.asarray(p) for p in pictures if p.mode == "L" and p.size == (SIDE, SIDE)]
    return int(are_among(pixel_hashes(np.stack(grey)), known).sum()) if grey else 0
