"""Pictures that a walk leaves out for their names: the first bytes of some of these files tell."""

import os
from collections import Counter
from collections.abc import Callable
from typing import Final

from batch_predict.storage.left_out import LeftOut

MOST_OF_SUFFIX: Final = 100  # files that are looked at, of each suffix
MOST: Final = 1000  # and of all; of a bucket, each is a request
MOST_OF_BUCKET: Final = 20
START: Final = 64  # bytes: the longest signature lies in these


class Overlooked:
    """Looks into files that have no picture's name, as long as there are not too many.

    `read` gives the first START bytes of a file, and raises OSError. `count` is how many of those
    it looked into begin like a picture; `example` is one of them.
    """

    def __init__(self, read: Callable[[str], bytes], most: int = MOST) -> None:
        self.count = 0
        self.example = ""
        self._read = read
        self._left = most
        self._unseen = 0
        self._of_suffix: Counter[str] = Counter()

    def category(self, path: str, file: str) -> LeftOut:
        """What the file at `path`, as a message says it, counts as; `file` is what `read` takes."""
        suffix = os.path.splitext(path)[1].lower()
        if suffix == ".pdf":
            return LeftOut.PDF
        if not self._left or self._of_suffix[suffix] >= MOST_OF_SUFFIX:
            self._unseen += 1
            return LeftOut.OTHER_FILE
        self._left -= 1
        self._of_suffix[suffix] += 1
        try:
            start = self._read(file)
        except OSError:  # it is left out either way
            return LeftOut.OTHER_FILE
        from batch_predict.decode.signatures import is_like_picture  # Pillow, OpenCV: not before

        if start.startswith(b"%PDF"):
            return LeftOut.PDF
        if not is_like_picture(start):
            return LeftOut.OTHER_FILE
        self.count += 1
        self.example = self.example or path
        return LeftOut.PICTURE

    def words(self) -> str:
        """What was found, for a message; empty where nothing was."""
        if not self.count:
            return ""
        many = "file looks like a picture" if self.count == 1 else "files look like pictures"
        others = "1 other was" if self._unseen == 1 else f"{self._unseen} others were"
        more = f" ({others} not looked into)" if self._unseen else ""
        return f"{self.count} {many}{more}, such as {self.example}: --all-files takes them"
