"""Reads a picture's truth from its path."""

import re

from batch_predict.errors import OptionError
from batch_predict.truth.findings import Finding, Tally
from batch_predict.truth.labels_table import parse_digit


class DigitFolders:
    """The truth is the name of the nearest folder, below in_dir, that is one digit."""

    name = "digit-named folders"
    _NEAREST = re.compile(r"(?:.*/)?([0-9])/")

    def of(self, path: str) -> int | None:
        """The digit of the nearest digit-named folder of `path`, or None."""
        match = self._NEAREST.match(path)
        return int(match[1]) if match else None

    def findings(self) -> list[Finding]:
        """None: a folder's name is one digit, or it states no truth."""
        return []

    def warnings(self) -> list[str]:
        """None."""
        return []


class PathPattern:
    """The truth is the group `label` of a regular expression, searched for in the path.

    Raises OptionError for an invalid expression or one without that group.
    """

    def __init__(self, regex: str) -> None:
        self.name = f"label pattern {regex}"
        try:
            self._regex = re.compile(regex)
        except re.error as error:
            words = f"must be a regular expression, received {regex!r}: {error}"
            raise OptionError("label_pattern", words) from error
        if "label" not in self._regex.groupindex:
            words = f"must have a group (?P<label>...), received {regex!r}"
            raise OptionError("label_pattern", words)
        self._not_digits = Tally(
            "labels that are not 0 to 9 (not used)",
            ("label is not 0 to 9", "labels are not 0 to 9"),
        )

    def of(self, path: str) -> int | None:
        """The digit in the group `label`, or None."""
        match = self._regex.search(path)
        if match is None or match["label"] is None:
            return None
        stated = parse_digit(match["label"])
        if stated is None:
            label = match["label"]
            self._not_digits.add(f"{path}: {label}", f'"{label}" ({path})')
        return stated

    def findings(self) -> list[Finding]:
        """Matches that are not 0 to 9."""
        return [self._not_digits.finding()]

    def warnings(self) -> list[str]:
        """The same, where there are any."""
        words = self._not_digits.warning()
        return [words] if words else []
