"""Output files that appear whole or not at all, and together."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EISDIR

from batch_predict.errors import OutputError


class Staged:
    """Files written beside their targets, renamed at the end in the reverse order of `add`.

    So the file that is added first, the CSV, is renamed last: who sees a new CSV sees what
    belongs to it too.
    """

    def __init__(self) -> None:
        self._temps: dict[str, str] = {}
        self._stale: list[str] = []

    def add(self, target: str) -> str:
        """The path to write what will become `target`; raises IsADirectoryError for a folder."""
        if os.path.isdir(target):
            raise IsADirectoryError(EISDIR, os.strerror(EISDIR), target)
        folder, name = os.path.split(os.path.realpath(target))
        temp = os.path.join(folder, f".{name}.tmp")
        self._temps[os.path.join(folder, name)] = temp
        return temp

    def remove(self, target: str) -> None:
        """Let `target`, which no longer belongs to what is committed, go away with the commit."""
        self._stale.append(target)

    def commit(self) -> None:
        """Flush every file to disk, remove the stale, rename them all, flush their folders."""
        for target, temp in self._temps.items():
            with open(temp, "rb") as file:
                os.fsync(file.fileno())
            with suppress(FileNotFoundError):
                os.chmod(temp, os.stat(target).st_mode)  # a replaced file keeps its mode
        for target in self._stale:
            with suppress(FileNotFoundError):
                os.unlink(target)
        for target, temp in reversed(self._temps.items()):
            os.replace(temp, target)
        for folder in {os.path.dirname(target) for target in self._temps}:
            sync_folder(folder)
        self._temps.clear()

    def named(self, error: OSError) -> str:
        """Which target `error` is about, as far as it says so."""
        targets = {temp: target for target, temp in self._temps.items()}
        return targets.get(error.filename, error.filename) or " or ".join(self._temps)

    def discard(self) -> None:
        """Remove what was not committed."""
        for temp in self._temps.values():
            with suppress(FileNotFoundError):
                os.unlink(temp)


@contextmanager
def staging() -> Iterator[Staged]:
    """A `Staged` whose uncommitted files are removed at the end.

    Raises:
        OutputError: a file can't be written, flushed or renamed.
    """
    staged = Staged()
    try:
        yield staged
    except OSError as error:
        raise OutputError(f"can't write {staged.named(error)}: {error.strerror}") from error
    finally:
        staged.discard()


def sync_folder(folder: str) -> None:
    """Make the renames in `folder` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
