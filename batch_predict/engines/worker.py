"""A worker process: it prepares the pictures of one task after the other. No TensorFlow here."""

import gc
import math
import os
import signal
import time
import traceback
from ctypes import c_int
from multiprocessing.connection import Connection
from typing import Final, NamedTuple, TypeAlias

from batch_predict.prepare import PrepareStep, each, side_by_side
from batch_predict.records import Batch, Code, Failure, ImageRef, Prepared, Row
from batch_predict.scoring import unscored

IDLE: Final = -1  # the place of a worker that has no picture in hand
_SLACK: Final = 0.1  # of the time that a picture has: it may get so much more
_STDERR: Final = 2
_FIRST_FD: Final = 3  # after stdin, stdout and stderr


class Task(NamedTuple):
    """Pictures for one worker."""

    refs: list[ImageRef]
    is_big: bool = False  # one picture that is too big to be decoded beside others


class Answer(NamedTuple):
    """What became of a task's pictures."""

    batch: Batch
    unscored: list[Row]
    big: list[ImageRef]  # to be tried again, alone


#: a picture's place in its task, in memory that both processes see
Place: TypeAlias = c_int


def serve(connection: Connection, place: Place, prepare: PrepareStep, image_timeout: float) -> None:
    """Answer tasks until the main process closes the connection or dies.

    `place` says which picture is in hand, so that the main process knows whose fault it was if
    this one dies. The kernel's alarm ends it where one picture takes over `image_timeout` seconds,
    whatever code it hangs in.
    """
    _stand_alone(connection)
    small = side_by_side(prepare)
    try:
        while True:
            task: Task = connection.recv()
            step = prepare if task.is_big else small
            connection.send(_answer(task, place, step, image_timeout))
    except (EOFError, ConnectionError):
        return


def _stand_alone(connection: Connection) -> None:
    """Give back what a fork inherits: the run's lock, other workers' pipes, signal handlers.

    And stderr: what goes wrong here is a row, or an error that is sent; what is left is the
    chatter of image libraries.
    """
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, signal.SIG_IGN)  # the main process says when to end
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, _STDERR)
    os.close(nowhere)
    os.closerange(_FIRST_FD, connection.fileno())
    os.closerange(connection.fileno() + 1, os.sysconf("SC_OPEN_MAX"))
    gc.freeze()  # no use in looking for garbage in what is there now: it would have to be copied


def _answer(
    task: Task, place: Place, prepare: PrepareStep, image_timeout: float
) -> Answer | Exception:
    try:
        return _prepare(task, place, prepare, image_timeout)
    except Exception as error:  # a bug in `prepare`, for the main process to raise
        error.add_note(traceback.format_exc())
        return error


def _prepare(task: Task, place: Place, prepare: PrepareStep, image_timeout: float) -> Answer:
    ready: list[Prepared] = []
    rows: list[Row] = []
    big: list[ImageRef] = []
    items = each(prepare, task.refs)
    slack = _SLACK * image_timeout
    alarm_set = -math.inf
    for place.value, ref in enumerate(task.refs):
        # To set the alarm costs a tenth of a plain picture, to look at the clock next to nothing.
        if (now := time.monotonic()) > alarm_set + slack:
            signal.setitimer(signal.ITIMER_REAL, image_timeout + slack)
            alarm_set = now
        item = next(items)
        if isinstance(item, Prepared):
            ready.append(item)
        elif isinstance(item, Failure) and item.reason.code is Code.TOO_LARGE and not task.is_big:
            big.append(ref)
        else:
            rows.append(unscored(item))
    signal.setitimer(signal.ITIMER_REAL, 0)
    place.value = IDLE
    return Answer(Batch.of(ready), rows, big)
