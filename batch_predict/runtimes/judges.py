"""The larger networks that see the readings of what the screen doubts."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.process.fork_lock import FORK_LOCK
from batch_predict.runtimes.model_file import ModelFile
from batch_predict.runtimes.network import Floats
from batch_predict.runtimes.padded import Padded
from batch_predict.runtimes.registry import Runtime

# Readings that a judge sees at a time: few pictures of a batch are in doubt, and what is padded is
# work for nothing.
AT_A_TIME: Final = 32


class Judges:
    """The networks, loaded when the first reading needs them; several threads may call it."""

    def __init__(self, models: Sequence[ModelFile], runtime: Runtime) -> None:
        """Nothing is loaded yet; the first picture in doubt may be hours away.

        Raises:
            ModelError: a file that the runtime loads is missing, or was made from another model.
        """
        for model in models:
            runtime.check_file(model)
        self._models: Final = tuple(models)
        self._runtime: Final = runtime
        self._loaded: tuple[Padded, ...] = ()

    @classmethod
    def of(cls, model: ModelFile, runtime: Runtime) -> "Judges | None":
        """Those that the card of `model` names; None: it names none. Raises as `Judges`."""
        return cls(model.judges, runtime) if model.judges else None

    def __call__(self, readings: NDArray[np.uint8]) -> Floats:
        """Readings (n, 28, 28) uint8 -> the mean of the judges' probabilities (n, 10) float32.

        Raises:
            ModelError, OutputError, LimitError: see `LoadClassifier`.
        """
        answers = [judge(readings) for judge in self._judges()]
        mean: Floats = np.mean(answers, axis=0, dtype=np.float32)
        return mean

    def _judges(self) -> tuple[Padded, ...]:
        if not self._loaded:
            with FORK_LOCK.held():  # one thread loads them
                if not self._loaded:
                    load = self._runtime.load_classifier
                    self._loaded = tuple(
                        Padded(load(model, AT_A_TIME), AT_A_TIME) for model in self._models
                    )
        return self._loaded
