"""What validates a classifier: pictures rendered of MNIST's held-out digits, and what is read of
them."""

import os
from collections.abc import Mapping
from typing import Final

from batch_predict.errors import InputError

from .classifier_batches import sorted_out
from .data import Pictures
from .readings import Readings, concatenated, load_readings
from .rendered import GROUPS, read_rendered

#: pictures that validate, of each group: of MNIST's digits each one
VALIDATING: Final[Mapping[str, int]] = {
    "large": 4000,
    "small": 4000,
    "spoilt": 1500,
    "signs": 800,
    "mnist": 5000,
    "plain": 3000,
}
FEWEST: Final = 20  # pictures of a group, however small a share is asked for
VALIDATION: Final = "validation"  # the folder of a pool
#: the seed of what is rendered, whatever the training's: so that trainings compare, and share it
VALIDATION_SEED: Final = 12


def part_of(count: int, share: float) -> int:
    """A `share` of `count` pictures, but not too few."""
    return max(FEWEST, round(count * share))


def read_validation(
    folder: str, digits: Pictures, ink: str, share: float, workers: int
) -> dict[str, Readings]:
    """Readings of pictures rendered of the held-out `digits`, by group, a `share` of the usual
    number; the rest is as in `read_rendered`."""
    counts = {name: part_of(count, min(1.0, share)) for name, count in VALIDATING.items()}
    return read_rendered(folder, digits, ink, VALIDATION_SEED, counts, workers)


def load_validation(folder: str) -> dict[str, Readings]:
    """All readings that `read_validation` has left in `folder`, by group.

    Raises:
        InputError: there are none.
    """
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    found = {}
    for group in GROUPS:
        chunks = [name for name in names if name.startswith(f"{group}-") and name.endswith(".npz")]
        if chunks:
            parts = [load_readings(os.path.join(folder, name)) for name in chunks]
            found[group] = concatenated(parts)
    if not found:
        raise InputError(f"{folder} holds no readings of rendered pictures")
    return found


def digits_of(held: Mapping[str, Readings]) -> dict[str, Pictures]:
    """What the first look sees of digits, by group; of the rest nobody can be right or wrong."""
    digits, _ = sorted_out({group: read.first() for group, read in held.items()})
    return {
        group: Pictures(read.pixels, read.labels)
        for group, read in digits.items()
        if len(read.labels)
    }
