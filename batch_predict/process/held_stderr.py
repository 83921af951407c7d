"""What C++ code writes to stderr while it starts is held back, and nothing else is lost."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from batch_predict.errors import BatchPredictError, Stopped
from batch_predict.process.fork_lock import ForkLock

STDERR: Final = 2
#: a line of the logs of TensorFlow, of CUDA's libraries and of Ray
_OF_CPP: Final = re.compile(
    rb"^(?:[IWEF]\d{4} \d\d:|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IWEF] "
    rb"|\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ [A-Z] \d+ \d+\] "
    rb"|WARNING: All log messages before absl::InitializeLog\(\)"
    rb"|To enable the following instructions: |Skipping registering GPU devices)[^\n]*\n?",
    re.MULTILINE,
)


def open_closed() -> None:
    """Let those of the descriptors 0 to 2 that are closed lead nowhere."""
    while (handle := os.open(os.devnull, os.O_RDWR)) <= STDERR:
        os.set_inheritable(handle, True)  # as standard streams are
    os.close(handle)


class HeldStderr:
    """The descriptor of stderr, held back while any thread of the process asks for it.

    `sys.stderr` stays what it is: a program's threads, and the handlers of its log, go on writing
    to it. What is theirs among what was held is written when the last thread has ended.
    """

    def __init__(self) -> None:
        self._lock = ForkLock()
        self._lock.register()
        self._threads = 0  # how many ask for it
        self._whole = False  # whether what was held is written whole
        self._behind = self._held = -1  # descriptors: what was behind that of stderr, what is now

    def begin(self) -> None:
        """Hold back what is written from now on."""
        with self._lock.held():
            if not self._threads:
                open_closed()
                self._behind, self._held = os.dup(STDERR), os.memfd_create("batch_predict")
                os.dup2(self._held, STDERR)
                self._whole = False
            self._threads += 1

    def end(self, *, whole: bool) -> None:
        """This thread has ended; `whole`: C++ code's messages should be seen, too."""
        with self._lock.held():
            self._whole |= whole
            if self._threads == 1:
                self._release()
            self._threads = max(self._threads - 1, 0)  # a run that ends does not wait for it

    def end_all(self) -> None:
        """Hold back nothing more, whoever asks for it."""
        with self._lock.held():
            if self._threads:
                self._release()
            self._threads = 0

    def _release(self) -> None:
        os.dup2(self._behind, STDERR)
        text = os.pread(self._held, os.fstat(self._held).st_size, 0)
        os.close(self._behind)
        os.close(self._held)
        with suppress(OSError):  # as what was written meanwhile would have found it: full, or gone
            os.write(STDERR, text if self._whole else _OF_CPP.sub(b"", text))


HELD_STDERR: Final = HeldStderr()


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Hold back what C++ code writes to stderr, and write it only if the block fails.

    TensorFlow and Ray log to the file descriptor while they start, whatever their environment
    variables say. What a program's other threads write meanwhile comes when the block ends.
    """
    HELD_STDERR.begin()
    whole = True
    try:
        yield
        whole = False
    except (BatchPredictError, Stopped, KeyboardInterrupt):  # the library is not to blame
        whole = False
        raise
    finally:
        HELD_STDERR.end(whole=whole)
