"""Shortcuts that the whole process feels: for the command line, whose process is its own."""

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final

# What Keras imports if it is there, for features that have no part in prediction: 40% of the
# start-up time and a quarter of the memory.
_LEFT_OUT: Final = ("matplotlib", "pandas", "scipy", "sklearn")


@contextmanager
def hidden(*names: str) -> Iterator[None]:
    """Have the modules `names` pass for missing, whether loaded or not.

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
    """Have modules that are not loaded yet pass for missing, and no garbage looked for.

    What an import makes stays; looking for garbage in it takes another fifth of the time.
    """
    with hidden(*(name for name in _LEFT_OUT if name not in sys.modules)):
        gc.disable()
        try:
            yield
        finally:
            gc.enable()
            gc.freeze()


#: around the import of Keras. A notebook's process is left as it is; `__main__` puts `lean` here.
importing: Callable[[], AbstractContextManager[None]] = nullcontext
