"""Labels that an archive keeps apart from their pictures: both have one key."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # NumPy: not before the command line is right
    from batch_predict.records import ImageRef

LABELS_NAME: Final = "labels.csv"  # a table of truth beside pictures
#: what one that is in an archive, where it is not read, is counted as
IN_ARCHIVE: Final = f"{LABELS_NAME} in an archive"


def key_of(name: str) -> str:
    """The key of the sample that `name` is of: up to the *first* dot of its last part.

    As WebDataset has it: `7/a.b.png` and `7/a.cls` are of the sample `7/a`.
    """
    folder, slash, last = name.rpartition("/")
    return f"{folder}{slash}{last.partition('.')[0]}"


def labelled(refs: "Iterable[ImageRef]", labels: Mapping[str, int]) -> "Iterator[ImageRef]":
    """`refs`, those without truth with that of their key among `labels`."""
    for ref in refs:
        known = None if ref.truth is not None or ref.place is None else labels.get(key_of(ref.path))
        yield ref if known is None else ref._replace(truth=known)
