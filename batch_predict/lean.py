"""Shortcuts that the whole process feels: for the command line, whose process is its own."""

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final

from batch_predict.hidden import hidden

# What Keras imports if it is there, for features that have no part in prediction: 40% of the
# start-up time and a quarter of the memory.
_LEFT_OUT: Final = ("matplotlib", "pandas", "scipy", "sklearn")


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
