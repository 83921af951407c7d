"""Labels that archives keep in members of their own, and what of them is of no use."""

from typing import Final

from batch_predict.records import ImageRef
from batch_predict.storage.archives import Label
from batch_predict.storage.archives.labels import key_of
from batch_predict.truth.findings import Finding, Tally

IN_ARCHIVE: Final = "labels in the archive"


class ArchiveLabels:
    """Those that do not lie beside their pictures, or say no digit; the pictures have the others.

    Memory grows with the labels, not with the pictures.
    """

    name = IN_ARCHIVE

    def __init__(self) -> None:
        self._labels: dict[str, Label] = {}  # by key; without a digit where two labels differ
        self._unused: dict[str, Label] = {}
        self._not_digits = Tally(
            "labels in the archive that are not 0 to 9 (not used)",
            ("label is not 0 to 9", "labels are not 0 to 9"),
        )
        self._contradictions = Tally(
            "different labels of one picture in the archive (not used)",
            ("label contradicts another", "labels contradict others"),
        )

    def add(self, label: Label) -> None:
        """Take `label`, whose name and key are as the CSV writes paths."""
        if label.digit is None:
            self._not_digits.add(label.name)
            return
        known = self._labels.setdefault(label.key, label)
        if known is label:
            self._unused[label.key] = label
        elif known.digit != label.digit:
            self._contradictions.add(label.name)
            self._labels[label.key] = label._replace(digit=None)

    def of(self, ref: ImageRef) -> int | None:
        """The truth of `ref`, which has that beside it; all labels are known."""
        label = (
            self._labels.get(key_of(ref.path)) if self._labels and ref.place is not None else None
        )
        if label is None:
            return ref.truth
        self._unused.pop(label.key, None)
        if ref.truth in (None, label.digit):
            return label.digit
        if label.digit is not None:
            self._contradictions.add(label.name)
        return None

    def findings(self) -> list[Finding]:
        """What is odd about the labels, once `of` was called for every picture."""
        return [tally.finding() for tally in self._tallies()]

    def warnings(self) -> list[str]:
        """The same, in words."""
        return [words for tally in self._tallies() if (words := tally.warning())]

    def _tallies(self) -> tuple[Tally, ...]:
        unused = Tally(
            "labels in the archive without a picture",
            ("label fits no picture", "labels fit no picture"),
        )
        for label in self._unused.values():
            unused.add(label.name)
        return unused, self._contradictions, self._not_digits
