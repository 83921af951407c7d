"""`python -m tests.bench.reduced FOLDER`: each picture brought to 28x28 grey by Pillow alone.

Decoded whole, turned as its EXIF says, resized: what a program does that knows of no ink.
"""

import io
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from batch_predict.records import SIDE


def reduced(data: bytes) -> NDArray[np.uint8]:
    """(28, 28) grey of the picture file that is `data`."""
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    return np.asarray(upright.convert("L").resize((SIDE, SIDE)))


if __name__ == "__main__":
    for file in Path(sys.argv[1]).iterdir():
        reduced(file.read_bytes())
