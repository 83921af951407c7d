"""A folder to try the program on: pictures of digits that lean further than most people write.

    python examples/slanted_scans.py sample_images scans

Ten writers with four scans of each of ten digits: `scans/writer-3/7b.png` is a 7.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

SIDE, WIDE = 90, 140  # px
LEANS = {"a": 1.1, "b": 1.3, "c": 1.5, "d": 1.7}  # px to the right for each px up


def scan(picture: Image.Image, lean: float, rng: np.random.Generator) -> Image.Image:
    """`picture`, light on dark and upright, as a leaning one in grey ink on paper."""
    large = picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    sheared = (1, lean, -lean * SIDE / 2 - (WIDE - SIDE) / 2, 0, 1, 0)
    leaning = large.transform(
        (WIDE, SIDE), Image.Transform.AFFINE, sheared, Image.Resampling.BICUBIC
    )
    paper = 235 - 0.6 * np.asarray(leaning, float) + rng.normal(0, 6, (SIDE, WIDE))
    return Image.fromarray(paper.clip(0, 255).astype(np.uint8))


def main(samples: Path, out: Path) -> None:
    """Write the scans of the first ten pictures in each of `samples`/0 to /9."""
    rng = np.random.default_rng(0)
    for digit in range(10):
        for writer, path in enumerate(sorted((samples / str(digit)).glob("*.png"))[:10]):
            folder = out / f"writer-{writer}"
            folder.mkdir(parents=True, exist_ok=True)
            for name, lean in LEANS.items():
                with Image.open(path) as picture:
                    scan(picture.convert("L"), lean, rng).save(folder / f"{digit}{name}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
