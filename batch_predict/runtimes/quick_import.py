"""Modules hidden from an import, and with that a quicker import of Keras."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# What Keras imports if it is there, for features that have no part in prediction: 40% of the
# start-up time and a quarter of the memory.
_LEFT_OUT: Final = ("matplotlib", "pandas", "scipy", "sklearn")


@contextmanager
def hidden(*names: str) -> Iterator[None]:
    """Make an import of the modules `names` fail, whether they were imported before or not.

    `None` in `sys.modules` is Python's mark for a module that can't be imported.
    """
    before = {name: sys.modules[name] for name in names if name in sys.modules}
    sys.modules.update(dict.fromkeys(names))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]
        sys.modules.update(before)


@contextmanager
def lean() -> Iterator[None]:
    """Around the loading of a model: Keras is imported without what prediction does not use.

    An import of such a module fails if nobody imported it before. The garbage collector is off:
    what an import makes stays, and to search it for garbage takes a fifth of the time. Both hold
    for every thread, so this is only for a process that is the program's own.
    """
    with hidden(*(name for name in _LEFT_OUT if name not in sys.modules)):
        gc.disable()
        try:
            yield
        finally:
            gc.enable()
            gc.freeze()
