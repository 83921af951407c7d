"""Libraries whose threads a fork of their process lacks: they would wait for them for ever."""

import os
import sys
from typing import Any, Final

from batch_predict.errors import ModelError

_TENSORFLOW: Final = "tensorflow.python.eager.context"  # its module with the state of a process
_THREADS: Final = "/proc/self/task"  # this process's; the file `comm` of each holds its name


def check_process(library: str, began_in: int) -> None:
    """Raises ModelError where `library` began in another process than this one, which is its fork.

    What began is its use; that it was imported does no harm.
    """
    if began_in != os.getpid():
        mend = 'start it with multiprocessing\'s "spawn", or use the runtime onnx'
        raise ModelError(
            f"{library} can't be used here: it had begun when this process was forked; {mend}"
        )


def check_tensorflow() -> None:
    """Raises ModelError where TensorFlow began before this process was forked, whoever used it."""
    context: Any = getattr(sys.modules.get(_TENSORFLOW), "_context", None)
    if getattr(context, "_context_handle", None) is not None and not has_threads("tf_"):
        check_process("TensorFlow", began_in=os.getppid())


def has_threads(prefix: str) -> bool:
    """Whether threads of this process have names that begin so."""
    names = []
    for thread in os.listdir(_THREADS):
        try:
            with open(f"{_THREADS}/{thread}/comm", encoding="utf-8", errors="replace") as file:
                names.append(file.read())
        except OSError:  # it has ended
            continue
    return any(name.startswith(prefix) for name in names)
