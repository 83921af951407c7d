"""MNIST's own form: IDX, pictures of one size one after the other, see yann.lecun.com/exdb/mnist.

A picture is had as a binary PGM file, so that all behind it takes it for one.
"""

import struct
from collections.abc import Iterator, Sequence
from typing import BinaryIO, ClassVar, Final

from batch_predict.records import Code, ImageRef, Reason
from batch_predict.storage.archives.archive import Beside, Member, MemberError
from batch_predict.storage.archives.numbers import numbered

_HEADER: Final = struct.Struct(">HBB3I")  # zero, the element's type, dimensions, and their sizes
_UINT8: Final = 8


class IdxImages:
    """See `Archive`."""

    survives_fork: ClassVar = True
    has_names: ClassVar = False

    def __init__(self, file: BinaryIO, beside: Beside) -> None:
        self._file = file
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size:
            raise MemberError(Reason(Code.TRUNCATED, "an IDX file without a whole header"))
        _, element, dimensions, self._count, height, width = _HEADER.unpack(header)
        if (element, dimensions) != (_UINT8, 3):
            raise MemberError(Reason(Code.UNSUPPORTED, "an IDX file of no pictures of 8 bits"))
        self._bytes = height * width
        self._start = b"P5 %d %d 255\n" % (width, height)

    def members(self) -> Iterator[Member]:
        """See `Archive`."""
        for place in range(self._count):
            yield Member(numbered(place, self._count), place, len(self._start) + self._bytes)

    def read_each(self, refs: Sequence[ImageRef]) -> Iterator[bytes | OSError]:
        """See `Archive`."""
        for ref in refs:
            self._file.seek(_HEADER.size + (ref.place or 0) * self._bytes)
            yield self._start + self._file.read(self._bytes)
