"""The truth of each picture by one source, checked against the other sources."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, Protocol

from batch_predict.truth.findings import Finding, Tally
from batch_predict.truth.in_archive import IN_ARCHIVE, ArchiveLabels
from batch_predict.truth.in_path import DigitFolders
from batch_predict.truth.labels_file import LabelsFile

WITHOUT: Final = "pictures without truth"


class Source(Protocol):
    """A source of ground truth."""

    name: str

    def of(self, path: str) -> int | None:
        """The digit stated for `path` (as the CSV writes it), or None."""

    def findings(self) -> list[Finding]:
        """What is odd about the source."""

    def warnings(self) -> list[str]:
        """What of that is worth a warning."""


class Truth:
    """The truth of each picture by the first of `sources`; the others only show conflicts.

    Without any, no picture has truth.
    """

    def __init__(self, sources: Sequence[Source], warnings: Sequence[str] = ()) -> None:
        self._taken = sources[0] if sources else None
        self._others = sources[1:]
        self._files = [each for each in sources if isinstance(each, LabelsFile)]
        self._warnings = tuple(warnings)
        self.count = 0  # pictures with truth so far
        self.in_archive = ArchiveLabels()
        self._is_in_archive = False
        self._without = Tally(WITHOUT)
        self._conflicts = Tally("pictures on whose truth the sources disagree")

    @property
    def source(self) -> str | None:
        """The name of the source; None where there is none."""
        if self._is_in_archive:
            return IN_ARCHIVE
        return self._taken.name if self._taken else None

    @property
    def needs_all_paths(self) -> bool:
        """Whether `match` has to come before `of`: which picture a label is of, all decide."""
        return bool(self._files)

    def match(self, paths: Callable[[], Iterable[str]], *, are_all: bool = True) -> None:
        """Find the pictures of all labels; `paths` gives those of other shards too, each time.

        See `LabelsFile.match`.
        """

        def pictures() -> Iterator[str]:
            return (path for path in paths() if _is_picture(path))

        for file in self._files:
            file.match(pictures, are_all=are_all)

    def of(self, path: str, in_archive: int | None = None) -> int | None:
        """The truth of `path` (as the CSV writes it), or None; call it once for each picture.

        What the picture's archive states, `in_archive`, counts before the folders' names.
        """
        if self._taken is None or not _is_picture(path):
            return None
        others = [(other.name, other.of(path)) for other in self._others]
        stated = self._taken.of(path)
        if in_archive is not None and isinstance(self._taken, DigitFolders):
            others.append((self._taken.name, stated))
            stated, self._is_in_archive = in_archive, True
        else:
            others.append((IN_ARCHIVE, in_archive))
        if stated is None:
            self._without.add(path)
            return None
        self.count += 1
        for name, said in others:
            if said not in (None, stated):
                self._conflicts.add(f"{path}: {stated}, but {said} by {name}")
        return stated

    @property
    def labels_file(self) -> LabelsFile | None:
        """The source, if it is a labels file: it may have columns to group by."""
        return self._taken if isinstance(self._taken, LabelsFile) else None

    def findings(self) -> list[Finding]:
        """What is odd, if anything; complete once `of` was called for every picture."""
        of_source = [found for source in self._sources() for found in source.findings()]
        found = [self._conflicts.finding(), self._without.finding(), *of_source]
        return [finding for finding in found if finding.count]

    def warnings(self) -> Sequence[str]:
        """Warnings for stderr; complete once `of` was called for every picture."""
        if self._taken is None:
            return self._warnings
        odd = [f"{each.name}: {words}" for each in self._sources() for words in each.warnings()]
        if self.count or isinstance(self._taken, DigitFolders):
            return (*self._warnings, *odd)
        nothing = f"{self.source} states the truth of no picture, so no accuracy is measured"
        return (*self._warnings, nothing, *odd)

    def _sources(self) -> Sequence[Source | ArchiveLabels]:
        """Those that can give truth."""
        if isinstance(self._taken, DigitFolders):
            return self.in_archive, self._taken
        return (self._taken,) if self._taken else ()


def _is_picture(path: str) -> bool:
    """Whether `path` is no folder: one that can't be listed has a row too."""
    return not path.endswith("/")
