"""A worker process: it prepares the pictures of one task after the other. No TensorFlow here."""

import gc
import math
import os
import pickle
import signal
import time
import traceback
from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from batch_predict.engines.child_process import SharedInt
from batch_predict.engines.tasks import SIDE_BY_SIDE_PIXELS, Task
from batch_predict.errors import describe
from batch_predict.prepare import Plain, Postponed, PreparedItem, PrepareStep, Together
from batch_predict.records import SIDE, Code, Failure, ImageRef, Prepared, Reason, Reduced, Row
from batch_predict.scoring import unscored

IDLE: Final = -1  # the current index of a worker that prepares no picture
_LONGEST_TIMEOUT_S: Final = 1e9  # 30 years; a timer takes not much more
_SLACK: Final = 0.1  # of the time that a picture has: it may get so much more
_STDERR: Final = 2
_FIRST_FD: Final = 3  # after stdin, stdout and stderr
_OURS_TO_IGNORE: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Bytes of reduced pictures, after which an answer is sent: a file of a kilobyte may become a
# hundred. A worker holds its answer twice while it sends it, and two tasks wait for it. The ink
# map takes half a second for so many, the worker little for each answer.
_ANSWER_BYTES: Final = 4 << 20
_NO_PIXELS: Final = np.empty((0, SIDE, SIDE), np.uint8)
# New objects, of which one search for garbage looks through all: Python's own default. An error of
# a broken file may hold the file in a circle, so it is not for long, whatever the program has set.
_OBJECTS_A_COLLECTION: Final = 700
_ORPHANED_S: Final = 10.0  # how long a worker may stay when its main process was killed

#: the index, in its task, of the picture that a worker prepares; the main process sees it, too
CurrentIndex: TypeAlias = SharedInt


class Reply(NamedTuple):
    """What became of a task's pictures."""

    places: list[int]  # in the task, of those that are prepared
    pixels: NDArray[np.uint8]  # (n, 28, 28), theirs
    hashes: list[bytes | None]  # (n,) `content_sha256` of theirs, see `ImageRef`
    reasons: dict[int, tuple[Reason, ...]]  # theirs, by place: few have any
    reduced: list[Reduced]  # pictures that the ink map is to mark
    unscored: list[Row]
    postponed: list[ImageRef]  # large pictures, to be prepared one at a time
    short: list[ImageRef]  # there was too little memory for them, to be prepared alone
    left: list[ImageRef]  # not begun, because the answer is large enough


def serve(
    connection: Connection,
    current: CurrentIndex,
    parent: int,
    prepare: PrepareStep,
    image_timeout: float,
) -> None:
    """Answer tasks until the main process, `parent`, closes the connection or dies.

    `current` tells the main process which picture it was that ended this process. The kernel's
    alarm ends the process where one picture takes over `image_timeout` seconds, whatever code it
    hangs in.
    """
    if image_timeout > _LONGEST_TIMEOUT_S:
        image_timeout = math.inf
    _isolate(connection)
    capped = prepare.capped(SIDE_BY_SIDE_PIXELS)
    try:
        while _has_task(connection, parent):
            task: Task = connection.recv()
            step = prepare if task.is_large or task.is_alone else capped
            _send(connection, _answer(task, current, step, image_timeout))
    except (EOFError, ConnectionError):
        return


def _send(connection: Connection, answer: Reply | Exception) -> None:
    if isinstance(answer, Exception):
        connection.send(answer)
    else:  # pickled, the pixels would be copied three times more
        connection.send(answer._replace(pixels=_NO_PIXELS))
        connection.send_bytes(answer.pixels.ravel().data)


def receive(connection: Connection) -> Reply | Exception:
    """The answer to a task, or what `prepare` raised.

    Raises:
        EOFError, OSError: the process has ended before it had sent all of it.
    """
    answer: Reply | Exception = connection.recv()
    if isinstance(answer, Exception):
        return answer
    pixels = np.frombuffer(connection.recv_bytes(), np.uint8)
    return answer._replace(pixels=pixels.reshape(-1, SIDE, SIDE))


def _isolate(connection: Connection) -> None:
    """Give back what a process inherits: the run's lock, other workers' pipes, signal handlers.

    Those may be a program's, whose code is not run here.

    Stderr is given back, too: what goes wrong here becomes a row or an exception that is sent, so
    only the messages of image libraries would appear there.
    """
    signal.set_wakeup_fd(-1)
    for signum in signal.valid_signals():
        if signum in _OURS_TO_IGNORE or callable(signal.getsignal(signum)):
            signal.signal(signum, signal.SIG_IGN)  # the main process says when to end
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, _STDERR)
    os.close(nowhere)
    os.closerange(_FIRST_FD, connection.fileno())
    os.closerange(connection.fileno() + 1, os.sysconf("SC_OPEN_MAX"))
    # The garbage collector would write to the objects that are there now, and so copy their pages.
    gc.freeze()
    gc.set_threshold(_OBJECTS_A_COLLECTION)


def _has_task(connection: Connection, parent: int) -> bool:
    """Wait for the next task; False where the main process, `parent`, has died.

    As a rule the connection says so, but not where something else that the program has started
    holds the other end of it, too.
    """
    while not connection.poll(_ORPHANED_S):
        if os.getppid() != parent:
            return False
    return True


def _answer(
    task: Task, current: CurrentIndex, prepare: PrepareStep, image_timeout: float
) -> Reply | Exception:
    try:
        return _prepare(task, current, prepare, image_timeout)
    except MemoryError as error:  # beside a picture: where pictures come together
        if task.is_alone:
            return _as_sent(error, traceback.format_exc())
        signal.setitimer(signal.ITIMER_REAL, 0)
        current.value = IDLE
        return Reply([], _NO_PIXELS, [], {}, [], [], [], task.refs, [])
    except Exception as error:  # a bug in `prepare`, for the main process to raise
        return _as_sent(error, traceback.format_exc())


def _as_sent(error: Exception, note: str) -> Exception:
    """`error`, or where it can't be sent to another process one in its place; with `note`."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # whatever the class of the error raises
        error = RuntimeError(describe(error))
    error.add_note(note)
    return error


def _prepare(
    task: Task, current: CurrentIndex, prepare: PrepareStep, image_timeout: float
) -> Reply:
    items: dict[int, PreparedItem] = {}  # by place in the task, as the next
    plain: dict[int, Plain] = {}
    reduced_bytes = 0
    refs, count = task.refs, len(task.refs)
    begun = prepare.each(refs) if task.is_alone else prepare.begin(refs)
    slack = _SLACK * image_timeout
    alarm_set = -math.inf
    index = 0
    while index < count and reduced_bytes < _ANSWER_BYTES:
        current.value = index
        # To set the alarm costs a tenth of a plain picture, to look at the clock next to nothing.
        if (now := time.monotonic()) > alarm_set + slack:
            signal.setitimer(signal.ITIMER_REAL, image_timeout + slack)
            alarm_set = now
        item = next(begun)
        if isinstance(item, Plain):
            plain[index] = item
        else:
            items[index] = item
            reduced_bytes += item.pixels.nbytes if isinstance(item, Reduced) else 0
        index += 1
    signal.setitimer(signal.ITIMER_REAL, 0)
    current.value = IDLE
    together = prepare.finish(refs, plain)
    return _reply(task, together, items | together.others, refs[index:])


def _reply(
    task: Task, together: Together, items: Mapping[int, PreparedItem], left: list[ImageRef]
) -> Reply:
    """`items` by their places in the task, but for those that are prepared `together`."""
    prepared = {place: item for place, item in items.items() if isinstance(item, Prepared)}
    failed = {place: item for place, item in items.items() if isinstance(item, Failure)}
    short = {place for place, item in failed.items() if not task.is_alone and _is_short(item)}
    return Reply(
        places=[*together.places, *prepared],
        pixels=np.concatenate(
            [together.pixels, *(item.pixels[None] for item in prepared.values())]
        ),
        hashes=[*together.hashes, *(item.ref.content_sha256 for item in prepared.values())],
        reasons={place: item.reasons for place, item in prepared.items() if item.reasons},
        reduced=[item for item in items.values() if isinstance(item, Reduced)],
        unscored=[unscored(item) for place, item in failed.items() if place not in short],
        postponed=[
            task.refs[place] for place, item in items.items() if isinstance(item, Postponed)
        ],
        short=[task.refs[place] for place in short],
        left=left,
    )


def _is_short(failure: Failure) -> bool:
    return failure.reason.code is Code.OUT_OF_MEMORY
