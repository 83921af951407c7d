"""Which labelled pictures are held out: by the groups that they come in, where there are any."""

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.audit.groups_file import NO_GROUP, read_groups
from batch_predict.errors import InputError
from batch_predict.records import CLASSES, ImageRef
from batch_predict.tables.csv_paths import top_folder

TEST_SHARE: Final = 1 / 3  # that is held out: of a few hard pictures less would show nothing
MOST_TEST_SHARE: Final = 1 / 2  # where groups are large
VALIDATION_SHARE: Final = 1 / 5  # of the others: it says when to stop
_DIGITS: Final = frozenset(map(str, range(CLASSES)))


class Parts(NamedTuple):
    """Places of pictures: what trains, what says when to stop, and what judges."""

    train: NDArray[np.intp]
    validation: NDArray[np.intp]
    test: NDArray[np.intp]


def groups_of(refs: Sequence[ImageRef], groups_file: str | None) -> list[str]:
    """The group of each of `refs`, "" for none: as `groups_file` has it, else the folder directly
    below the input, where there are several and they don't just name the digit.

    Raises:
        UsageError: `groups_file` can't be taken.
    """
    if groups_file is not None:
        group_of = read_groups(groups_file)
        found = [group_of(ref.path) for ref in refs]
        return ["" if group == NO_GROUP else group for group in found]
    folders = [top_folder(ref.path) for ref in refs]
    names = set(folders) - {""}
    return folders if len(names) > 1 and not names <= _DIGITS else [""] * len(refs)


def hold_out(refs: Sequence[ImageRef], groups: Sequence[str], seed: int) -> Parts:
    """Divide `refs`: the test part, about a third, holds whole groups, each or none; a picture
    without a group is one of its own. The rest is divided picture by picture.

    Their order is that of a hash of `seed` and name, so it does not depend on the other pictures.

    Raises:
        InputError: there is too little to divide.
    """
    units = [
        f"group {group}" if group else f"picture {(ref.content_sha256 or b'').hex()}"
        for ref, group in zip(refs, groups, strict=True)
    ]
    counts, left = Counter(units), len(units)
    test: set[str] = set()
    held = 0
    for unit in sorted(counts, key=lambda unit: _hash(seed, unit)):
        if held < TEST_SHARE * left and held + counts[unit] <= MOST_TEST_SHARE * left:
            test.add(unit)
            held += counts[unit]
    others = [place for place, unit in enumerate(units) if unit not in test]
    others.sort(key=lambda place: _hash(seed, (refs[place].content_sha256 or b"").hex()))
    validating = max(1, round(VALIDATION_SHARE * len(others)))
    if not held or len(others) <= validating:
        raise InputError(
            f"{len(refs)} pictures in {len(counts)} groups can't be divided into some to learn from"
            " and some to hold out"
        )
    tested = [place for place, unit in enumerate(units) if unit in test]
    parts = (others[validating:], others[:validating], tested)
    return Parts(*(np.array(sorted(part), np.intp) for part in parts))


def _hash(seed: int, text: str) -> bytes:
    return sha256(f"{seed} {text}".encode(errors="surrogateescape")).digest()
