"""Tar archives, those that are compressed, too, and WebDataset's samples in them."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO, ClassVar, Final

from batch_predict.records import Code, ImageRef, Reason
from batch_predict.storage.archives.archive import Beside, Label, Member, MemberError, Skipped
from batch_predict.storage.archives.labels import digit_of, is_label, key_of, statement
from batch_predict.storage.archives.member_names import below
from batch_predict.storage.archives.tar_headers import Entry, Kind, entries
from batch_predict.storage.left_out import LeftOut
from batch_predict.storage.picture_names import name_category

_CUT: Final = Reason(Code.TRUNCATED, "the archive is cut short in it")
_SKIPPED: Final = {
    Kind.LINK: LeftOut.LINK,
    Kind.SPECIAL: LeftOut.SPECIAL,
    Kind.AFTER_END: LeftOut.AFTER_END,
}
_SAMPLE_MAX: Final = 1000  # members in memory: dated names, `2026.11.27.png`, have one key, too


class TarArchive:
    """See `Archive`."""

    has_names: ClassVar = True

    def __init__(self, file: BinaryIO, beside: Beside) -> None:
        self._file = file
        next(entries(file), None)  # raises MemberError

    def members(self) -> Iterator[Member | Label | Skipped]:
        """See `Archive`; a folder is no member.

        A label is that of each picture of its sample. Where both lie side by side, these have it.
        """
        sample = _Sample("")
        try:
            for entry in entries(self._file, is_label):
                if entry.kind is Kind.FILE:
                    name, fault = below(entry.name)
                    key = key_of(name)
                    if key != sample.key or len(sample.members) == _SAMPLE_MAX:
                        yield from sample.found(is_split=key == sample.key)
                        sample = _Sample(key, is_split=key == sample.key)
                    sample.add(entry, name, _CUT if entry.is_cut else fault)
                elif entry.kind is not Kind.FOLDER:
                    yield Skipped(_SKIPPED[entry.kind])
        except OSError:
            yield from sample.found()
            raise
        yield from sample.found()

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


class _Sample:
    """Neighbours that have one key; `is_split`: more members of it than are held came before."""

    def __init__(self, key: str, *, is_split: bool = False) -> None:
        self.key = key
        self.members: list[Member] = []
        self._labels: list[Label] = []
        self._is_split = is_split

    def add(self, entry: Entry, name: str, fault: Reason | None) -> None:
        """Take the member of `entry`."""
        stated = statement(name, entry.data) if entry.data is not None else None
        if stated is None:
            self.members.append(Member(name, entry.place, entry.size, fault=fault))
        else:
            self._labels.append(Label(name, self.key, digit_of(stated)))

    def found(self, *, is_split: bool = False) -> Iterator[Member | Label]:
        """Its members, with the label where that is plain, else after the labels."""
        digits = {label.digit for label in self._labels}
        is_plain = len(digits) == 1 and None not in digits and any(map(_is_picture, self.members))
        if is_plain and not (is_split or self._is_split):
            (truth,) = digits
            yield from (member._replace(truth=truth) for member in self.members)
        else:
            yield from self._labels
            yield from self.members


def _is_picture(member: Member) -> bool:
    return name_category(member.name[member.name.rfind("/") + 1 :], all_files=False) is None
