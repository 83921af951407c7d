"""What tells one file from another."""

import hashlib


def sha256(path: str) -> str:
    """The hash of the file at `path`; raises OSError."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
