"""Limits of the system on processes, threads, open files and memory, in words with the mend."""

import resource
import threading
from errno import EAGAIN, EMFILE, ENFILE
from typing import Final

from batch_predict.errors import LimitError

_NO_THREAD: Final = "can't start new thread"  # all that Python says of it
_NO_PROCESS: Final = "the system gives no more processes or threads ({}): allow more, or {}"
_FEWER: Final = "have fewer --workers"
#: what the dynamic loader says where there is no memory for a library
_UNLOADED: Final = ("failed to map segment", "cannot allocate memory")


def limit_words(error: BaseException) -> str | None:
    """What to do about `error` where it says that a limit is reached; None where it does not."""
    if isinstance(error, RuntimeError) and _NO_THREAD in str(error):
        return _NO_PROCESS.format(_limit("u", resource.RLIMIT_NPROC), _FEWER)
    if isinstance(error, ImportError) and any(each in str(error).lower() for each in _UNLOADED):
        limit = _limit("v", resource.RLIMIT_AS)
        return f"there is too little memory to load a library ({limit}): allow more"
    if not isinstance(error, OSError):
        return None
    if error.errno == EAGAIN:  # a fork was refused: nothing else here asks for what may block
        return _NO_PROCESS.format(_limit("u", resource.RLIMIT_NPROC), _FEWER)
    if error.errno in (EMFILE, ENFILE):
        limit = _limit("n", resource.RLIMIT_NOFILE)
        return f"the system lets no more files be open ({limit}): allow more, or {_FEWER}"
    return None


def check_threads(count: int, user: str) -> None:
    """Try whether `count` threads can be started at once, which costs some 30 us each.

    For code in C that ends the process where it can't start one.

    Raises:
        LimitError: they can't; `user` is who needs them.
    """
    end = threading.Event()
    threads = [threading.Thread(target=end.wait, daemon=True) for _ in range(count)]
    started = 0
    try:
        for thread in threads:
            thread.start()
            started += 1
    except RuntimeError as error:
        needs = f"{user} needs {count} at once"
        words = _NO_PROCESS.format(_limit("u", resource.RLIMIT_NPROC), _FEWER)
        raise LimitError(f"{words}; {needs}") from error
    finally:
        end.set()
        for thread in threads[:started]:
            thread.join()


def _limit(option: str, limit: int) -> str:
    soft, _ = resource.getrlimit(limit)
    return f"ulimit -{option} is {'unlimited' if soft == resource.RLIM_INFINITY else soft}"
