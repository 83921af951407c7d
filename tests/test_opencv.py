"""What was set for OpenCV's other users changes nothing here."""

import os
import subprocess
import sys

import pytest

from batch_predict.opencv import cv2
from tests.conftest import ROOT

OTHER_WORK = {
    "OPENCV_IO_MAX_IMAGE_PIXELS": "10",
    "OPENCV_IO_MAX_IMAGE_HEIGHT": "tall",
    "OPENCV_IMGCODECS_WEBP_MAX_FILE_SIZE": "10",
    "OPENCV_FOR_THREADS_NUM": "all",
    "OPENCV_DUMP_CONFIG": "1",
    "OPENCV_CPU_DISABLE": "AVX2",
}
PROGRAM = """
import os
before = {name: os.environ[name] for name in os.environ if name.startswith("OPENCV_")}
from batch_predict.opencv import cv2
import numpy as np
assert before.items() <= os.environ.items()
for suffix in (".png", ".webp"):
    encoded = cv2.imencode(suffix, np.zeros((28, 28), np.uint8))[1]
    assert cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE) is not None, suffix
assert cv2.getNumThreads() > 0
"""


def test_pictures_amid_other_work_are_read_and_its_settings_kept() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env={**os.environ, **OTHER_WORK},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_thread_that_forks_has_used_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """What OpenCV makes for a thread at its first use may be locked for ever in a fork."""
    used: list[int] = []
    norm = cv2.norm
    monkeypatch.setattr(cv2, "norm", lambda array: used.append(os.getpid()) or norm(array))
    pid = os.fork()
    if not pid:
        os._exit(len(used))
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1
    assert used == [os.getpid()]
