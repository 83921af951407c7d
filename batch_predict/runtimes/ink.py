"""The shipped network that marks ink: pictures -> maps, and what it takes each picture for."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.errors import ModelError
from batch_predict.process.fork_lock import FORK_LOCK
from batch_predict.records import INK_CLASSES, PIXEL_MAX
from batch_predict.runtimes import model_file
from batch_predict.runtimes.model_file import INK, ModelFile, card_path, find_model
from batch_predict.runtimes.network import Floats, Network
from batch_predict.runtimes.registry import LoadAnySize, Runtime

MAPS: Final = 3  # ink of the digit that counts, other writing, print
_OUTPUTS: Final = ("maps", "classes")


class InkAnswer(NamedTuple):
    """What the network says of n pictures of s x s pixels."""

    # (n, s, s, 3) uint8, how far each pixel is covered by each of MAPS, 255 is wholly. Of 8 bits,
    # so that what follows is the same on all runtimes but for a level here and there.
    maps: NDArray[np.uint8]
    classes: Floats  # (n, 12): probabilities of the ten digits, EMPTY, OTHER


class Ink:
    """The network, loaded when the first picture needs it; several threads may call it."""

    def __init__(self, model: ModelFile, load: LoadAnySize) -> None:
        """`model` is from `find_ink`, `load` a runtime's."""
        self._model: Final = model
        self._load: Final = load
        self._network: Network | None = None

    @classmethod
    def of(cls, model: ModelFile, runtime: Runtime) -> "Ink":
        """`model`, which is from `find_ink`, on `runtime`; the first picture may be hours away.

        Raises:
            ModelError: the file that the runtime loads is missing, or was made from another model.
        """
        with _of_the_program():
            runtime.check_file(model)
        return cls(model, runtime.load_any_size)

    def __call__(self, pictures: NDArray[np.uint8]) -> InkAnswer:
        """RGB pictures (n, s, s, 3) uint8, n at least 1, s a multiple of 16.

        A picture's answer does not depend on what comes with it, nor on n. For each size the
        network is compiled when the first pictures of that come.

        Raises:
            ModelError: the network's files are missing, damaged or another by now.
            OutputError, LimitError: see `LoadAnySize`.
        """
        with _of_the_program():
            maps, classes = self._loaded()(pictures.astype(np.float32))
            count, *size = pictures.shape[:3]
            if (maps.shape, classes.shape) != ((count, *size, MAPS), (count, INK_CLASSES)):
                raise ModelError(
                    f"{self._model.path} gives {maps.shape} and {classes.shape} for {count}"
                    f" pictures, not {MAPS} maps and {INK_CLASSES} probabilities of each"
                )
        return InkAnswer(quantized(maps), classes)

    def _loaded(self) -> Network:
        if self._network is None:
            with FORK_LOCK.held():  # one thread loads it; see there for the rest
                if self._network is None:
                    self._network = self._load(self._model, _OUTPUTS)
        return self._network


def find_ink() -> ModelFile:
    """The shipped network's file.

    Raises:
        ModelError: it or its card is missing or can't be read, or the card belongs to another.
    """
    with _of_the_program():
        model = find_model(os.path.join(model_file.SHIPPED, f"{INK}.keras"))
        if model.card is None:  # without it, nothing says that the file is the one that was shipped
            raise ModelError(f"there is no {card_path(model.path)}")
        return model


def quantized(maps: Floats) -> NDArray[np.uint8]:
    """`maps` (n, ...), coverage in [0, 1], in 8 bits: 255 is wholly covered."""
    levels = np.empty(maps.shape, np.uint8)
    for coverage, level in zip(maps, levels, strict=True):  # all at once takes ten times as long
        np.rint(coverage * np.float32(PIXEL_MAX), out=level, casting="unsafe")
    return levels


@contextmanager
def _of_the_program() -> Iterator[None]:
    """A user did not choose this network, and has no other."""
    try:
        yield
    except ModelError as error:
        raise ModelError(
            f"can't mark ink: {error} (if a file of batch_predict is missing or damaged, install it"
            " again)"
        ) from error
