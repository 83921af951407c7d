"""Tar archives, those that are compressed, too."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO, ClassVar, Final

from batch_predict.records import Code, ImageRef, Reason
from batch_predict.storage.archives.archive import Beside, Member, MemberError, Skipped
from batch_predict.storage.archives.member_names import below
from batch_predict.storage.archives.tar_headers import Entry, Kind, entries

_CUT: Final = Reason(Code.TRUNCATED, "the archive is cut short in it")
_SKIPPED: Final = {
    Kind.LINK: "link",
    Kind.SPECIAL: "special file",
    Kind.AFTER_END: "archive after the end of an archive",
}


class TarArchive:
    """See `Archive`."""

    has_names: ClassVar = True

    def __init__(self, file: BinaryIO, beside: Beside) -> None:
        self._file = file
        next(entries(file), None)  # raises MemberError

    def members(self) -> Iterator[Member | Skipped]:
        """See `Archive`; a folder is no member."""
        for entry in entries(self._file):
            if entry.kind is Kind.FILE:
                yield _member(entry)
            elif entry.kind is not Kind.FOLDER:
                yield Skipped(_SKIPPED[entry.kind])

    def read_each(self, refs: Sequence[ImageRef]) -> Iterator[bytes | OSError]:
        """See `Archive`."""
        for ref in refs:
            try:
                self._file.seek(ref.place or 0)
                content = self._file.read(ref.size or 0)
            except OSError as error:
                yield error
            else:
                yield content if len(content) == ref.size else MemberError(_CUT)


def _member(entry: Entry) -> Member:
    name, fault = below(entry.name)
    fault = _CUT if entry.is_cut else fault
    return Member(name, entry.place, entry.size, fault=fault)
