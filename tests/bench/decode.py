"""`python -m tests.bench.decode`: what decoding costs, and what reducing large JPEGs saves.

python -m tests.bench.decode --model digits
"""

import argparse
import io
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from batch_predict import predict
from batch_predict.decode import decode, formats
from batch_predict.options import MAX_PIXELS
from batch_predict.records import ImageRef
from batch_predict.storage import open_storage
from tests.conftest import SAMPLES

GOAL = 1.3  # of a bare np.asarray(Image.open(path))
ROUNDS, CALLS = 50, 200
PHOTO = (4032, 3024)  # pixels, as a phone takes it
NEVER = 1 << 20  # pixels: a draft side that no JPEG is reduced to


def per_call(function: Callable[[], object], calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        function()
    return (time.perf_counter() - start) / calls


def small_png() -> float:
    """Our time over the bare one: of neighbouring measurements, as a busy machine slows both."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.png"
        path.write_bytes(next((SAMPLES / "7").iterdir()).read_bytes())
        name = str(path)
        (ref,) = open_storage(folder).walk((), all_files=False, follow_links=False)
        pairs = [
            (
                per_call(lambda: np.asarray(Image.open(name)), CALLS),
                per_call(lambda: decode(ref, open_storage(folder).read(ref), MAX_PIXELS), CALLS),
            )
            for _ in range(ROUNDS)
        ]
    bare, ours = (min(times) * 1e6 for times in zip(*pairs, strict=True))
    ratio = statistics.median(ours / bare for bare, ours in pairs)
    print(f"28x28 grey PNG: bare {bare:.1f} us, ours {ours:.1f} us, ratio {ratio:.2f} (<= {GOAL})")
    return ratio


def photo(digit: Path) -> bytes:
    """A sample digit as a phone sees it: dark on uneven paper, noisy, large."""
    width, height = PHOTO
    rng = np.random.default_rng(0)
    ink = Image.open(digit).resize((height // 2, height // 2), Image.Resampling.BICUBIC)
    paper = Image.linear_gradient("L").resize(PHOTO).point(lambda level: 170 + level // 5)
    paper.paste(30, (width // 3, height // 4), ink)
    pixels = np.asarray(paper) + rng.normal(0, 6, (height, width))
    file = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).convert("RGB").save(file, "JPEG")
    return file.getvalue()


def large_jpegs(model: str) -> None:
    """The same photos decoded reduced and whole: time, and whether the labels stay."""
    files = [photo(sorted((SAMPLES / str(d)).iterdir())[2]) for d in range(10)]
    outcomes = {}
    for name, side in (("reduced", formats.DRAFT_SIDE), ("whole", NEVER)):
        formats.DRAFT_SIDE = side
        start = time.process_time()
        for data in files:
            decode(ImageRef("photo"), data, MAX_PIXELS)
        decoding = (time.process_time() - start) / len(files)
        outcomes[name] = [answer.label for answer in predict(files, model=model)]
        right = sum(label == digit for digit, label in enumerate(outcomes[name]))
        print(
            f"{PHOTO[0]}x{PHOTO[1]} JPEG {name}: decode {decoding * 1e3:.0f} ms,"
            f" {right} of 10 right"
        )
    same = sum(a == b for a, b in zip(*outcomes.values(), strict=True))
    print(f"labels that stay: {same} of {len(files)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="digits")
    arguments = parser.parse_args()
    small_png()
    large_jpegs(arguments.model)


if __name__ == "__main__":
    main()
