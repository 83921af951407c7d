"""Output files that appear whole or not at all, and together."""

import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from batch_predict.errors import OutputError
from batch_predict.storage.not_offered import sync
from batch_predict.storage.registry import local, locate
from batch_predict.storage.regular_file import check_regular


class Staged:
    """Files written beside their targets, put in place at the end in the reverse order of `add`.

    So the file that is added first, the CSV, comes last: who sees a new CSV sees what
    belongs to it too. `run` is its output: where two runs share a target, such as a metrics file,
    they don't share what is written beside it.
    """

    def __init__(self, run: str) -> None:
        self._tag = f"{zlib.crc32(os.fsencode(run)):08x}"
        self._temps: dict[str, str] = {}
        self._stale: list[str] = []

    def add(self, target: str) -> str:
        """The path of a new empty file, for what will become `target`.

        Raises OSError where it can't be made, or `target` is a folder or a device.
        """
        path = local(target)
        check_target(path, target)
        folder, name = os.path.split(path)
        self._temps[target] = temp = os.path.join(folder, f".{name}.{self._tag}.tmp")
        with suppress(FileNotFoundError):
            os.unlink(temp)  # of a run that was killed, or a link that somebody left there
        open(temp, "xb").close()
        return temp

    def remove(self, *targets: str) -> None:
        """Let `targets`, which no longer belong to what is committed, go with the commit."""
        self._stale += targets

    def commit(self) -> None:
        """Flush every file to disk, remove the stale, put all in place, flush their folders."""
        for temp in self._temps.values():
            sync(temp)
        for target in self._stale:
            storage, name = locate(target)
            storage.delete(name)
        located = [(*locate(target), temp) for target, temp in self._temps.items()]
        for storage, name, temp in reversed(located):
            storage.put(temp, name)
        for storage, name, _ in located:
            storage.sync(name)
        self._temps.clear()

    def target_of(self, error: OSError) -> str:
        """The target that `error` names; all of them where it names no file."""
        targets = {temp: target for target, temp in self._temps.items()}
        return targets.get(error.filename, error.filename) or " or ".join(self._temps)

    def discard(self) -> None:
        """Remove what was not committed; what can't be removed was most likely never written."""
        for temp in self._temps.values():
            with suppress(OSError):
                os.unlink(temp)


@contextmanager
def staging(run: str = "") -> Iterator[Staged]:
    """A `Staged` of `run` whose uncommitted files are removed at the end.

    Raises:
        OutputError: a file can't be written, flushed or renamed.
    """
    staged = Staged(run)
    try:
        yield staged
    except OSError as error:
        raise OutputError(f"can't write {staged.target_of(error)}: {error.strerror}") from error
    finally:
        staged.discard()


def check_target(path: str, target: str) -> None:
    """Raises OSError where something that is no file lies at `path`, that of the output `target`.

    A rename would put a file in its place: for root in that of /dev/null, too.
    """
    if os.path.exists(path):
        try:
            check_regular(path)
        except OSError as error:
            raise OSError(error.errno, error.strerror, target) from error
