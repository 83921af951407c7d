"""Pictures just below the size limit, gigabytes of them: no swelling, a row for each."""

import csv
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from PIL import Image

from batch_predict.options import MAX_PIXELS
from tests.bench.measure import run
from tests.conftest import SAMPLES

SIDE: Final = int(MAX_PIXELS**0.5)  # pixels
DECODED: Final = 4 << 30  # bytes
MEMORY: Final = 1536 << 20  # bytes, of all processes together


def digit(mode: str) -> Image.Image:
    """A sample digit, dark on light, as large as it may be."""
    small = Image.open(next((SAMPLES / "7").iterdir())).point(lambda level: 255 - level)
    return small.resize((SIDE, SIDE), Image.Resampling.BICUBIC).convert(mode)


def floats() -> Image.Image:
    return Image.fromarray(np.asarray(digit("L"), np.float32) / np.float32(255))


def deep() -> Image.Image:
    return Image.fromarray(np.asarray(digit("L"), np.uint16) * np.uint16(257))


#: name -> (how its picture is made, how it is saved, bytes of a decoded pixel)
HOSTILE: Final[dict[str, tuple[Callable[[], Image.Image], dict[str, object], int]]] = {
    "colour.png": (lambda: digit("RGBA"), {"compress_level": 1}, 4),
    "deep.png": (deep, {"compress_level": 1}, 2),
    "palette.gif": (lambda: digit("P"), {}, 1),
    "flat.bmp": (lambda: digit("RGB"), {}, 3),
    "colour.tif": (lambda: digit("RGBA"), {"compression": "tiff_lzw"}, 4),
    "floats.tif": (floats, {"compression": "tiff_adobe_deflate"}, 4),
    "ink.jpg": (lambda: digit("CMYK"), {"progressive": True}, 4),
    "colour.webp": (lambda: digit("RGBA"), {"lossless": True, "method": 0, "quality": 0}, 4),
}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_gigabytes_of_decoding_swell_nothing(tmp_path: Path) -> None:
    pictures = tmp_path / "in"
    pictures.mkdir()
    decoded = 0
    while decoded < DECODED:
        number = len(os.listdir(pictures))
        for name, (make, how, depth) in HOSTILE.items():
            first, path = tmp_path / name, pictures / f"{number:03d}-{name}"
            if not first.exists():
                make().save(first, **how)  # type: ignore[arg-type]  # what each format takes
            os.link(first, path)
            decoded += SIDE * SIDE * depth
    command = ["batch_predict", str(pictures), f"{tmp_path}/out.csv", "--workers", "2"]
    command += ["--image-timeout", "inf"]  # of a busy machine, the memory is looked at all the same
    used = run(command, look_at_memory=True)
    peak = max(used.alone, used.largest)
    print(f"{decoded >> 20} MiB decoded, {peak >> 20} MiB at most", file=sys.stderr)
    with open(tmp_path / "out.csv", encoding="utf-8", newline="") as file:
        statuses = {row["path"]: row["status"] for row in csv.DictReader(file)}
    assert statuses.keys() == set(os.listdir(pictures))
    assert "failed" not in statuses.values()
    assert peak < MEMORY
