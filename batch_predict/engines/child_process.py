"""How a worker process is started: without a line of the code of the program that we are part of.

`multiprocessing` is not used for it: a new process of its runs the program's main module again,
and one of its daemonic processes, such as a worker of its `Pool`, may not start any.
"""

import json
import mmap
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from ctypes import c_int, sizeof
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from multiprocessing.spawn import get_executable
from typing import Any, Final, Literal, NamedTuple, Protocol, TypeAlias

from batch_predict.process.fork_lock import FORK_LOCK
from batch_predict.process.held_stderr import open_closed

#: how a worker starts: a fork of this process takes 3 ms, a new interpreter half a second
StartMethod: TypeAlias = Literal["fork", "interpreter"]
#: a number that a process and its parent see
SharedInt: TypeAlias = c_int
#: what a process runs, given its end of the connection, the number, and what else it was sent
Serve: TypeAlias = Callable[..., None]

# What a new interpreter runs. It finds modules where this process does, wherever the program has
# put them; `-P` because a folder that we are run in may hold a module named as one of Python's.
_BEGIN: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    " from batch_predict.engines.child_process import begin;"
    " begin(int(sys.argv[2]), int(sys.argv[3]))"
)


class Handle(Protocol):
    """A process that was started: `subprocess.Popen` is one."""

    def kill(self) -> None:
        """Send SIGKILL."""

    def wait(self) -> int:
        """The exit code, negative for a signal, once the process has ended."""


class Child(NamedTuple):
    """A process of ours, and what connects it with this one."""

    connection: Connection
    shared: SharedInt
    handle: Handle
    owner: int  # the process that started it

    def close(self) -> int | None:
        """End the process, if it has not ended; returns its exit code, negative for a signal."""
        if os.getpid() != self.owner:  # a fork of the program's has no business with it
            return None
        self.handle.kill()
        exit_code = self.handle.wait()
        self.connection.close()
        return exit_code


class _Fork:
    """See `Handle`."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._exit_code: int | None = None

    def kill(self) -> None:
        if self._exit_code is None:
            with suppress(ProcessLookupError):  # the program has asked for no news of children
                os.kill(self._pid, signal.SIGKILL)

    def wait(self) -> int:
        if self._exit_code is None:
            try:
                _, status = os.waitpid(self._pid, 0)
            except ChildProcessError:
                self._exit_code = 0  # as `subprocess` has it
            else:
                self._exit_code = os.waitstatus_to_exitcode(status)
        return self._exit_code


def start(method: StartMethod, initial: int, serve: Serve, *sent: Any) -> Child:
    """A process that runs `serve(connection, shared, *sent)`, where `shared` is `initial` at first.

    A new interpreter imports `serve` and reads what is `sent` from a pickle.
    """
    open_closed()  # or what is opened here could get the number of a standard stream
    memory = os.memfd_create("batch_predict")
    try:
        os.truncate(memory, sizeof(SharedInt))
        shared = _shared(memory)
        shared.value = initial
        with FORK_LOCK.held():
            ours, theirs = Pipe()
            with theirs:
                if method == "fork":
                    handle: Handle = _fork(lambda: serve(theirs, shared, *sent))
                else:
                    handle = _interpreter(theirs.fileno(), memory)
        child = Child(ours, shared, handle, os.getpid())
        if method == "interpreter":
            with suppress(ConnectionError):  # it has ended: its connection says so, too
                ours.send((serve, sent))
        return child
    finally:
        os.close(memory)


def begin(connection: int, memory: int) -> None:
    """In a new interpreter: serve with the connection and the number that it was given."""
    shared = _shared(memory)
    os.close(memory)
    ours = Connection(connection)
    with suppress(EOFError):  # the process that started this one has ended
        serve, sent = ours.recv()
        serve(ours, shared, *sent)


def _shared(memory: int) -> SharedInt:
    return SharedInt.from_buffer(mmap.mmap(memory, sizeof(SharedInt)))


def _fork(run: Callable[[], None]) -> _Fork:
    pid = os.fork()
    if pid:
        return _Fork(pid)
    exit_code = 1
    try:
        run()
        exit_code = 0
    finally:
        os._exit(exit_code)  # what the program wants done at its end is not for its forks to do


def _interpreter(connection: int, memory: int) -> "subprocess.Popen[bytes]":
    flags = ["-P", "-X", f"utf8={sys.flags.utf8_mode}", *["-B"] * sys.dont_write_bytecode]
    folders = [each for each in sys.path if isinstance(each, str)]  # Python skips others, too
    given = [json.dumps(folders), str(connection), str(memory)]
    return subprocess.Popen(
        [os.fsdecode(get_executable()), *flags, "-c", _BEGIN, *given],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=(connection, memory),
    )
