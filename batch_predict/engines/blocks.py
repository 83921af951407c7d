"""Refs cut into blocks: what a machine of a cluster is given at a time."""

from collections.abc import Iterable, Iterator
from itertools import groupby, repeat
from typing import Final

from batch_predict.engines.tasks import Task, cut
from batch_predict.records import ImageRef

# Pictures, half a second of a machine's work: what a run that is stopped or a machine that is lost
# has done in vain, and for how long others may wait for the last one.
_FILES: Final = 4096
_BYTES: Final = 64 << 20  # of files: a block of photos has fewer
# Pictures of an archive. It goes to one machine as a whole, for one that is compressed is read from
# its begin by each that reads of it; 5 MiB of refs are the most that are sent.
_MEMBERS: Final = 32_768


def blocks(refs: Iterable[ImageRef]) -> Iterator[Task]:
    """`refs`, in their order, as blocks; what is of an archive is not in one with anything else."""
    for is_archive, group in groupby(refs, _Archive()):
        if is_archive:
            yield from map(Task, cut(group, repeat(_MEMBERS), lambda ref: 0, 1))
        else:
            yield from map(Task, cut(group, repeat(_FILES), lambda ref: ref.size or 0, _BYTES))


class _Archive:
    """Refs in the order of a walk -> the number of the archive that each is in; 0: of none.

    Within an archive their places ascend.
    """

    def __init__(self) -> None:
        self._number = 0
        self._place: int | None = None

    def __call__(self, ref: ImageRef) -> int:
        before, self._place = self._place, ref.place
        if ref.place is None:
            return 0
        if before is None or ref.place <= before:
            self._number += 1
        return self._number
