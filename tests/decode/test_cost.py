"""What decoding costs beside Pillow: CPU time, as other work on the machine adds none."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from PIL import Image

from batch_predict.decode import decode
from batch_predict.options import MAX_PIXELS
from batch_predict.storage import open_storage
from batch_predict.storage.selection import Selection
from tests.conftest import SAMPLES

GOAL: Final = 1.3  # of a bare np.asarray(Image.open(path))
ROUNDS: Final = 50
CALLS: Final = 200


def seconds(function: Callable[[], object]) -> float:
    start = time.process_time()
    for _ in range(CALLS):
        function()
    return time.process_time() - start


@pytest.mark.slow
def test_a_small_png_costs_little_more_than_pillow_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(next((SAMPLES / "7").iterdir()).read_bytes())
    (ref,) = open_storage(str(tmp_path)).walk(Selection())
    ratios = [
        seconds(lambda: decode(ref, open_storage(str(tmp_path)).read(ref), MAX_PIXELS))
        / seconds(lambda: np.asarray(Image.open(path)))
        for _ in range(ROUNDS)
    ]
    assert statistics.median(ratios) <= GOAL
