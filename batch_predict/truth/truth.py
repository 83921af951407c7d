"""The truth of each picture by one source, checked against the other sources."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from batch_predict.truth.findings import Finding, Tally
from batch_predict.truth.in_path import DigitFolders
from batch_predict.truth.labels_file import LabelsFile


class Source(Protocol):
    """A source of ground truth."""

    name: str

    def of(self, path: str) -> int | None:
        """The digit stated for `path` (as the CSV writes it), or None."""

    def findings(self) -> list[Finding]:
        """What is odd about the source."""


class Truth:
    """The truth of each picture by the first of `sources`; the others only show conflicts."""

    def __init__(self, sources: Sequence[Source], warnings: Sequence[str] = ()) -> None:
        self._taken, *self._others = sources
        self.source = self._taken.name
        self._files_with_bare_names = [
            each for each in sources if isinstance(each, LabelsFile) and each.has_bare_names
        ]
        self._warnings = tuple(warnings)
        self.count = 0  # pictures with truth so far
        self._without = Tally("pictures without truth")
        self._conflicts = Tally("pictures on whose truth the sources disagree")

    @property
    def needs_names(self) -> bool:
        """Whether `count_names` has to come before `of`.

        A labels file may hold file names without folders; a name that several pictures have labels
        none of them.
        """
        return bool(self._files_with_bare_names)

    def count_names(self, paths: Iterable[str]) -> None:
        """Count the file names of all pictures, those of other shards too."""
        for path in paths:
            name = path.rpartition("/")[2]
            for file in self._files_with_bare_names:
                file.count_name(name)

    def of(self, path: str) -> int | None:
        """The truth of `path` (as the CSV writes it), or None; call it once for each picture."""
        if path.endswith("/"):  # a folder that can't be listed has a row, but is no picture
            return None
        stated = self._taken.of(path)
        if stated is None:
            self._without.add(path)
            return None
        self.count += 1
        for other in self._others:
            said = other.of(path)
            if said not in (None, stated):
                self._conflicts.add(f"{path}: {stated}, but {said} by {other.name}")
        return stated

    @property
    def labels_file(self) -> LabelsFile | None:
        """The source, if it is a labels file: it may have columns to group by."""
        return self._taken if isinstance(self._taken, LabelsFile) else None

    def findings(self) -> list[Finding]:
        """What is odd, if anything; complete once `of` was called for every picture."""
        found = [self._conflicts.finding(), self._without.finding(), *self._taken.findings()]
        return [finding for finding in found if finding.count]

    def warnings(self) -> Sequence[str]:
        """Warnings for stderr; complete once `of` was called for every picture."""
        if self.count or isinstance(self._taken, DigitFolders):
            return self._warnings
        nothing = f"{self.source} states the truth of no picture, so no accuracy is measured"
        return (*self._warnings, nothing)
