"""A network as a runtime has loaded it: an array in, arrays out; no digits are known of here."""

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from batch_predict.errors import ModelError
from batch_predict.process.fork_lock import FORK_LOCK

Floats: TypeAlias = NDArray[np.float32]
#: pictures (n, h, w, c) float32, n at least 1 -> arrays (n, ...) float32, in the order of the
#: model's outputs, or of those asked for; several threads may call it
Network: TypeAlias = Callable[[Floats], tuple[Floats, ...]]
Shape: TypeAlias = tuple[int, ...]


class AnySize:
    """A `Network` that is made for each size of pictures when the first of it come.

    A library is quickest on one fixed shape, and Keras traces its graph for each.
    """

    def __init__(
        self, make: Callable[[Shape], Network], path: str, errors: tuple[type[Exception], ...]
    ) -> None:
        """`make` gives the network of the file at `path` for pictures of a shape (h, w, c).

        `errors` are what it, or the first call of what it gives, raises where they do not fit.
        """
        self._make: Final = make
        self._path: Final = path
        self._errors: Final = errors
        self._made: Final[dict[Shape, Network]] = {}

    def __call__(self, pictures: Floats) -> tuple[Floats, ...]:
        """See `Network`.

        Raises:
            ModelError: the network does not take pictures of this size.
        """
        shape = pictures.shape[1:]
        if shape not in self._made:
            # One thread makes it; and no process is forked meanwhile, as for any loading.
            with FORK_LOCK.held():
                if shape not in self._made:
                    self._made[shape] = self._tried(shape)
        return self._made[shape](pictures)

    def _tried(self, shape: Shape) -> Network:
        """The network for `shape`, run once, so that it is compiled."""
        try:
            network = self._make(shape)
            network(np.zeros((1, *shape), np.float32))
        except self._errors as error:
            size = "x".join(map(str, shape))
            raise ModelError(f"can't run the network {self._path} on pictures {size}") from error
        return network
