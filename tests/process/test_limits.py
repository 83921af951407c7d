"""Limits of the system: what is said of them, and threads that can't be started."""

import errno
import os
import resource
import threading

import pytest

from batch_predict.errors import ExitCode, LimitError
from batch_predict.process.limits import check_threads, limit_words

PROCESSES = "the system gives no more processes or threads (ulimit -u is 7): allow more, or have"
FILES = "the system lets no more files be open (ulimit -n is 7): allow more, or have"


@pytest.fixture(autouse=True)
def seven(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda which: (7, 9))


def os_error(code: int) -> OSError:
    return OSError(code, os.strerror(code))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        pytest.param(RuntimeError("can't start new thread"), PROCESSES, id="a thread"),
        pytest.param(os_error(errno.EAGAIN), PROCESSES, id="a fork"),
        pytest.param(os_error(errno.EMFILE), FILES, id="files of the process"),
        pytest.param(os_error(errno.ENFILE), FILES, id="files of the system"),
        pytest.param(os_error(errno.ENOENT), None, id="another error of the system"),
        pytest.param(RuntimeError("another"), None, id="another error"),
    ],
)
def test_words_of_an_error(error: Exception, words: str | None) -> None:
    said = limit_words(error)
    assert said == (words and f"{words} fewer --workers")


@pytest.mark.parametrize(
    "said",
    [
        "/lib/cv2.abi3.so: failed to map segment from shared object",
        "libdrm.so.2: cannot enable executable stack: Cannot allocate memory",
    ],
)
def test_a_library_for_which_there_is_no_memory(said: str) -> None:
    words = "there is too little memory to load a library (ulimit -v is 7): allow more"
    assert limit_words(ImportError(said)) == words


def test_a_library_that_is_missing_is_no_limit() -> None:
    assert limit_words(ImportError("libdrm.so.2: cannot open shared object file")) is None


def test_no_limit_is_said_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda which: (resource.RLIM_INFINITY, 0))
    assert "(ulimit -n is unlimited)" in (limit_words(os_error(errno.ENFILE)) or "")


def test_threads_that_can_be_started_have_ended_afterwards() -> None:
    before = threading.active_count()
    check_threads(20, "a test")
    assert threading.active_count() == before


def test_threads_that_cannot_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    start, before = threading.Thread.start, threading.active_count()

    def start_some(thread: threading.Thread) -> None:
        if threading.active_count() > before + 3:
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_some)
    with pytest.raises(LimitError, match="fewer --workers; a test needs 20 at once") as caught:
        check_threads(20, "a test")
    assert caught.value.exit_code == ExitCode.BUG
    assert threading.active_count() == before
