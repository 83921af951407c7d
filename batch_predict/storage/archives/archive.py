"""The seam between a run and a file that holds pictures."""

from collections.abc import Callable, Iterator, Sequence
from errno import EIO
from typing import TYPE_CHECKING, BinaryIO, ClassVar, NamedTuple, Protocol

from batch_predict.storage.left_out import LeftOut

if TYPE_CHECKING:  # NumPy: not before the command line is right
    from batch_predict.records import ImageRef, Reason


class Beside(NamedTuple):
    """Where an archive lies."""

    name: str  # its own, without a folder
    open: Callable[[str], BinaryIO | None]  # the file of a name beside it; None: there is none


class MemberError(OSError):
    """An archive, or one of its members, is not as it should be: `reason` says how."""

    def __init__(self, reason: "Reason") -> None:
        super().__init__(EIO, reason.words)
        self.reason = reason

    def __reduce__(self) -> tuple[type["MemberError"], tuple["Reason"]]:
        return type(self), (self.reason,)


class NoPicturesError(MemberError):
    """It is of its kind, and holds none: in a folder, it is a file like others."""


class Member(NamedTuple):
    """What may be a picture."""

    name: str  # in the archive, `/` between parts; a byte that is not UTF-8 is a surrogate
    place: int  # what `Archive.read_each` finds it by
    size: int | None = None  # bytes, as the archive has it; None: it does not say
    truth: int | None = None  # 0 to 9, as the archive states it
    fault: "Reason | None" = None  # why it can't be read


class Label(NamedTuple):
    """What the archive states of pictures that are not beside the statement."""

    name: str  # of the statement
    key: str  # names of the pictures up to the first dot of the last part
    digit: int | None  # 0 to 9; None: the statement says another thing


class Skipped(NamedTuple):
    """What is no picture, whatever its name: a link, an archive in the archive."""

    category: LeftOut


class Archive(Protocol):
    """An open file of one kind, made of the file and what lies `beside` it.

    Making one raises MemberError where the file is none of its kind. It is read by several
    processes at a time, each with an Archive of its own, also by forks of a process that has used
    one: nothing may run in a library's threads. Nothing is ever written.
    """

    has_names: ClassVar[bool]  # whether members are named as files are, or by number

    def __init__(self, file: BinaryIO, beside: Beside) -> None: ...

    def members(self) -> "Iterator[Member | Label | Skipped]":
        """What it holds, in its own order, a bounded part of that in memory at a time.

        Raises:
            MemberError: it breaks off; what came before can be read.
        """

    def read_each(self, refs: "Sequence[ImageRef]") -> "Iterator[bytes | OSError]":
        """What the members at the places of `refs` hold, in order; OSError as a value."""
