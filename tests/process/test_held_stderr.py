"""Stderr while a library starts: C++ code's messages are held back, nothing else is lost."""

import logging
import os
import subprocess
import sys
import threading
from contextlib import suppress

import pytest

from batch_predict.errors import ModelError, Stopped
from batch_predict.process.held_stderr import HELD_STDERR, quiet_stderr
from batch_predict.process.stdio import standard_streams

CPP = (
    b"WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n"
    b"I0000 00:00:1795694025.761071   11042 port.cc:153] oneDNN custom operations are on.\n"
    b"2026-11-24 10:00:00.123456: I tensorflow/core/platform/cpu_feature_guard.cc:210] built for\n"
    b"To enable the following instructions: AVX2 FMA, rebuild TensorFlow.\n"
    b"2026-11-24 10:00:00.123456: W tensorflow/core/common_runtime/gpu/gpu_device.cc:2341] Can't\n"
    b"Skipping registering GPU devices...\n"
    b"[2026-11-26 12:59:51,470 I 29235 29235] logging.cc:303: Set ray log level to 3\n"
)


def descriptors() -> list[str]:
    """The numbers of the files that this process has open."""
    return os.listdir("/proc/self/fd")


@pytest.mark.parametrize(
    ("error", "let_through"),
    [
        pytest.param(None, "ours\n", id="nothing raised"),
        pytest.param(ModelError("no model"), "ours\n", id="an error with words of its own"),
        pytest.param(Stopped(15), "ours\n", id="a signal"),
        pytest.param(KeyboardInterrupt(), "ours\n", id="ctrl-c where nothing else listens"),
        pytest.param(KeyError("a bug"), f"ours\n{CPP.decode()}", id="a bug"),
    ],
)
def test_messages_of_cpp_code_are_held_back_and_no_descriptor_is_left(
    error: BaseException | None, let_through: str, capfd: pytest.CaptureFixture[str]
) -> None:
    before = descriptors()
    with suppress(ModelError, Stopped, KeyboardInterrupt, KeyError), quiet_stderr():
        os.write(2, b"ours\n")
        os.write(2, CPP)
        assert capfd.readouterr().err == ""
        if error is not None:
            raise error
    assert descriptors() == before
    assert capfd.readouterr().err == let_through


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"I am a program's line\n", id="words"),
        pytest.param(b"2026-11-24 10:00:00,123 - W: a log of Python's\n", id="a log's line"),
        pytest.param(b"half a line", id="half a line"),
        pytest.param(b"\xff\n\x00", id="no text"),
    ],
)
def test_what_is_not_of_cpp_code_comes_at_the_end(
    line: bytes, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    with quiet_stderr():
        os.write(2, CPP + line)
    assert capfdbinary.readouterr().err == line


def test_sys_stderr_stays_what_it_is_however_threads_overlap() -> None:
    inside = [threading.Event(), threading.Event()]
    handler = []

    def hold(own: threading.Event, other: threading.Event) -> None:
        with quiet_stderr():
            own.set()
            assert other.wait(60)
            handler.append(logging.StreamHandler())  # as TensorFlow makes one for its own log

    before = sys.stderr, descriptors()
    threads = [threading.Thread(target=hold, args=order) for order in (inside, inside[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sys.stderr, descriptors()) == before
    assert all(each.stream is sys.stderr for each in handler)
    assert not sys.stderr.closed


def test_the_end_of_a_run_releases_what_a_thread_still_holds(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with standard_streams():
        HELD_STDERR.begin()  # a thread that loads a model, and is not waited for
        print("a warning", file=sys.stderr, flush=True)
    assert capfd.readouterr().err == "a warning\n"
    HELD_STDERR.end(whole=True)  # nothing more is there to write
    assert capfd.readouterr().err == ""


def test_a_program_without_stderr() -> None:
    program = (
        "import os, sys; from batch_predict.process.held_stderr import quiet_stderr\n"
        "sys.stderr = None\n"
        "with quiet_stderr(): os.write(2, b'lost')\n"
        "print('done')"
    )
    done = subprocess.run(
        ["bash", "-c", f'exec "{sys.executable}" -c "$1" 2>&-', "_", program],
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, b"done\n")
