"""All that a walk found, as one hash: two walks of the same files, unchanged, have the same."""

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # NumPy: not before the command line is right
    from batch_predict.records import ImageRef


class WalkDigest:
    """Takes the refs of a walk in their order; path, size and version of each count."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, ref: "ImageRef") -> None:
        """Take one ref more."""
        # The length tells where the path ends, which may hold any character.
        line = f"{len(ref.path)} {ref.path} {ref.size} {ref.version}\n"
        self._hash.update(line.encode(errors="surrogatepass"))

    def sha256(self) -> str:
        """The hash, in hexadecimal."""
        return self._hash.hexdigest()
