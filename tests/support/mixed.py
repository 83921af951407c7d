"""A folder as nobody would wish it: 3,000 pictures good, bad, odd and huge, on any engine the same.

`python -m tests.support.mixed FOLDER` makes it.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from itertools import chain, count, islice
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.broken.files import BROKEN
from tests.conftest import MODEL_BYTES, ROOT, SAMPLES, noise
from tests.decode.every_encoding import ENCODINGS

COUNT: Final = 3_000
#: a store has no names that are not UTF-8, and no control characters in them
NAMES: Final = (
    *("a [1].png", "é ☃.png", "100%.png", "a#b?c.png", "=1+1.png", "-7.png", "back\\slash.png"),
    *("x&y.png", "a,comma.png", "a'quote\".png", "SHOUTED.PNG", "wrong.jpg"),
)
_HUGE: Final = 6  # pictures of 5 megapixels: each is decoded while no other large one is


def make(folder: Path) -> None:
    """Write the pictures, in folders of their true digits but for those that have none."""
    for path, content in islice(chain(_odd(), _plain()), COUNT):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


def unexpected(stderr: str) -> str:
    """What a run over these said on stderr, but for this: the fake runtime guesses."""
    lines = stderr.splitlines(keepends=True)
    return "".join(line for line in lines if "is near chance" not in line)


def csv_of(in_dir: Path | str, scratch: Path, *options: str, **environment: str) -> bytes:
    """What the program writes of the folder or bucket, and that it says no more than it should."""
    output = scratch / "out.csv"
    model = scratch / "fake.keras"
    model.write_bytes(MODEL_BYTES)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.support.cheap", str(in_dir), str(output)),
            *("--model", str(model), "--max-failures", "100", *options),
        ],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, unexpected(done.stderr)) == (0, "")
    assert done.stdout.startswith(f"{COUNT} pictures: ")
    assert done.stdout.count("\n") == 1
    return output.read_bytes()


def _odd() -> Iterator[tuple[str, bytes]]:
    digits = [_sample(min((SAMPLES / str(digit)).iterdir())) for digit in range(10)]
    for place, encoding in enumerate(ENCODINGS):
        digit = place % 10
        yield f"{digit}/{encoding.name}{encoding.suffix}", encoding.make(digits[digit])
    for broken in BROKEN:
        yield f"7/{broken.name}", broken.make(digits[7])
    for name in NAMES:
        yield f"odd [names] é/{name}", _png(digits[3])
    for digit in range(_HUGE):
        yield f"{digit}/huge.png", _png(digits[digit].repeat(80, 0).repeat(80, 1))
    yield "wide.png", _png(noise(1).repeat(100, 1))
    yield "white.png", _png(np.full((28, 28), 255, np.uint8))


def _plain() -> Iterator[tuple[str, bytes]]:
    """Digits in MNIST's form; of those of one sample, none has the ink of another."""
    samples = sorted(SAMPLES.rglob("*.png"))
    for number in count():
        sample = samples[number % len(samples)]
        pixels = _sample(sample).copy()
        pixels[pixels == pixels.max()] -= number // len(samples)
        yield f"{sample.parent.name}/{number:04}.png", _png(pixels)


def _sample(path: Path) -> NDArray[np.uint8]:
    return np.asarray(Image.open(path))


def _png(pixels: NDArray[np.uint8]) -> bytes:
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


if __name__ == "__main__":
    make(Path(sys.argv[1]))
