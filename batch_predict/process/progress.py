"""Shows how far a run is: a bar on a terminal, else at most a line a minute."""

import logging
import sys
import time
from collections.abc import Iterable, Iterator, Sized
from typing import Final, TypeVar

from batch_predict.plural import plural

T = TypeVar("T", bound=Sized)

_LOGGER: Final = logging.getLogger(__name__)
_EVERY_S: Final = 60.0  # between two lines


def progress(
    batches: Iterable[T], done: int, total: int, *, verbose: bool, quiet: bool
) -> Iterable[T]:
    """Pass `batches` through, counting their items, after `done` of `total`.

    On a terminal there is a bar, unless `quiet`; without one, lines if `verbose`.
    """
    # A program's stream may be None, or say nothing of terminals.
    is_terminal = getattr(sys.stderr, "isatty", bool)()
    if is_terminal and not quiet:
        return _bar(batches, done, total)
    return _lines(batches, done, total) if verbose else batches


def _bar(batches: Iterable[T], done: int, total: int) -> Iterator[T]:
    from tqdm import tqdm

    with tqdm(initial=done, total=total, unit=" pictures", dynamic_ncols=True) as bar:
        for batch in batches:
            yield batch
            bar.update(len(batch))


def _lines(batches: Iterable[T], done: int, total: int) -> Iterator[T]:
    last_line = time.monotonic()
    for batch in batches:
        yield batch
        done += len(batch)
        if time.monotonic() - last_line >= _EVERY_S:
            last_line = time.monotonic()
            _LOGGER.info("%d of %s", done, plural(total))
