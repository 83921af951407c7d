"""MNIST's own form: IDX, pictures of one size one after the other, see yann.lecun.com/exdb/mnist.

A picture is had as a binary PGM file, so that all behind it takes it for one. Labels are in a file
of their own beside it.
"""

import logging
import re
import struct
from collections.abc import Iterator, Sequence
from contextlib import suppress
from io import UnsupportedOperation
from itertools import chain, product, repeat
from os import SEEK_END
from typing import BinaryIO, ClassVar, Final

from batch_predict.records import CLASSES, Code, ImageRef, Reason
from batch_predict.storage.archives.archive import Beside, Member, MemberError
from batch_predict.storage.archives.compression import uncompressed
from batch_predict.storage.archives.numbers import numbers
from batch_predict.storage.archives.reasons import CUT_SHORT

_LOGGER: Final = logging.getLogger(__name__)
_HEADER: Final = struct.Struct(">HBB3I")  # zero, the element's type, dimensions, and their sizes
_LABELS_HEADER: Final = struct.Struct(">HBBI")
_UINT8: Final = 8
_IMAGES_NAME: Final = re.compile(r"images([-.])idx3-ubyte(\.gz)?$", re.IGNORECASE)
_DIGITS: Final = bytes(range(CLASSES))
_AT_A_TIME: Final = 1 << 20  # bytes of neighbouring pictures, or labels, that are read in one go


class IdxImages:
    """See `Archive`."""

    has_names: ClassVar = False

    def __init__(self, file: BinaryIO, beside: Beside) -> None:
        self._file, self._beside = file, beside
        header = _read(file, _HEADER.size)
        _, element, dimensions, *sizes = _HEADER.unpack(header.ljust(_HEADER.size, b"\0"))
        if len(header) >= _LABELS_HEADER.size and (element, dimensions) != (_UINT8, 3):
            raise MemberError(Reason(Code.UNSUPPORTED, "an IDX file of no pictures of 8 bits"))
        if len(header) < _HEADER.size:
            raise MemberError(Reason(Code.TRUNCATED, "an IDX file without a whole header"))
        self._count, height, width = sizes
        self._bytes = height * width
        if not self._bytes:
            words = f"an IDX file of pictures of {width}x{height} pixels"
            raise MemberError(Reason(Code.UNSUPPORTED, words))
        self._start = b"P5 %d %d 255\n" % (width, height)

    def members(self) -> Iterator[Member]:
        """See `Archive`."""
        size = len(self._start) + self._bytes
        end, fault = _end_of(self._file)
        whole, rest = divmod(max(0, end - _HEADER.size), self._bytes)
        truths = chain(self._truths(), repeat(None))
        there = range(min(self._count, whole))
        yield from map(Member, numbers(self._count), there, repeat(size), truths)
        if fault is not None or whole < self._count:
            raise MemberError(fault or CUT_SHORT)
        if whole > self._count or rest:
            more = rest + (whole - self._count) * self._bytes
            _LOGGER.warning(
                "%s: %d bytes after the %d pictures of its header are left out",
                *(self._beside.name, more, self._count),
            )

    def read_each(self, refs: Sequence[ImageRef]) -> Iterator[bytes | OSError]:
        """See `Archive`."""
        most = max(1, _AT_A_TIME // self._bytes)
        places = [ref.place or 0 for ref in refs]
        first = 0
        for last, place in enumerate(places):
            is_next = last + 1 < len(places) and places[last + 1] == place + 1
            if not is_next or last + 1 - first == most:
                yield from self._neighbours(places[first], last + 1 - first)
                first = last + 1

    def _neighbours(self, place: int, count: int) -> Iterator[bytes | OSError]:
        """What `count` pictures from `place` on hold."""
        try:
            self._file.seek(_HEADER.size + place * self._bytes)
            pixels = self._file.read(count * self._bytes)
        except OSError as error:
            yield from [error] * count
            return
        for start in range(0, count * self._bytes, self._bytes):
            picture = pixels[start : start + self._bytes]
            is_whole = len(picture) == self._bytes
            yield self._start + picture if is_whole else MemberError(CUT_SHORT)

    def _truths(self) -> Iterator[int | None]:
        """The labels in the file beside this one; none where they can't be its pictures'."""
        name, file = self._labels_file()
        if file is None:
            return
        with file:
            labels = uncompressed(file)
            if why := self._misfit(labels):
                _LOGGER.warning("%s is not used: %s", name, why)
                return
            others = sum(len(some.translate(None, _DIGITS)) for some in _pieces(labels))
            if others:
                _LOGGER.warning("%s: %d labels are not 0 to 9 (not used)", name, others)
            for some in _pieces(labels):
                yield from (label if label < CLASSES else None for label in some)

    def _labels_file(self) -> tuple[str, BinaryIO | None]:
        """The name and the file of the labels: named and compressed as this one, else otherwise."""
        found = _IMAGES_NAME.search(self._beside.name)
        if found is None:
            return "", None
        start = f"{self._beside.name[: found.start()]}labels"
        betweens = sorted("-.", key=lambda each: each != found[1])
        endings = sorted(("", ".gz"), key=lambda each: each != (found[2] or ""))
        for between, ending in product(betweens, endings):
            name = f"{start}{between}idx1-ubyte{ending}"
            file = self._beside.open(name)
            if file is not None:
                return name, file
        return "", None

    def _misfit(self, labels: BinaryIO) -> str | None:
        """Why `labels` are not those of these pictures; None where they are."""
        header = _read(labels, _LABELS_HEADER.size).ljust(_LABELS_HEADER.size, b"\0")
        _, element, dimensions, count = _LABELS_HEADER.unpack(header)
        if (element, dimensions) != (_UINT8, 1):
            return "it is no IDX file of labels of 8 bits"
        end, fault = _end_of(labels)
        if fault is not None:
            return "it is cut short or garbled"
        held = end - _LABELS_HEADER.size
        if count != self._count or held != count:
            return f"it holds {held} labels of {self._count} pictures"
        return None


def _pieces(labels: BinaryIO) -> Iterator[bytes]:
    labels.seek(_LABELS_HEADER.size)
    while some := labels.read(_AT_A_TIME):
        yield some


def _end_of(file: BinaryIO) -> tuple[int, Reason | None]:
    """Where `file` ends, and why it does not go on where it should."""
    try:
        return file.seek(0, SEEK_END), None
    except UnsupportedOperation:  # it is compressed: to be read to its end
        end = file.seek(0)
    try:
        while some := file.read(_AT_A_TIME):
            end += len(some)
    except MemberError as error:
        return end, error.reason
    return end, None


def _read(file: BinaryIO, size: int) -> bytes:
    """The first `size` bytes, or fewer where `file` breaks off before."""
    file.seek(0)
    with suppress(MemberError):
        return file.read(size)
    return b""
