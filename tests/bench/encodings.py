"""One digit in 112 encodings, sizes, inks and turns, as files."""

import io
from itertools import product

import numpy as np
from PIL import Image

from tests.bench.kinds import painted
from train.drawn import redraw

SIZES = (28, 90, 400, 1500)  # px
INKS = (  # ground, stroke
    ((255, 255, 255), (0, 0, 0)),
    ((0, 0, 0), (255, 255, 255)),
    ((250, 245, 220), (30, 60, 180)),
    ((40, 90, 60), (240, 240, 220)),
)


def _png(image, **options):
    return image, "PNG", options


FORMATS = {
    "grey PNG": lambda i: _png(i.convert("L")),
    "palette PNG": lambda i: _png(i.convert("P", palette=Image.Palette.ADAPTIVE)),
    "16-bit PNG": lambda i: _png(Image.fromarray(np.asarray(i.convert("L")).astype("u2") * 257)),
    "JPEG": lambda i: (i, "JPEG", {"quality": 80}),
    "turned JPEG": lambda i: (i.transpose(Image.Transpose.ROTATE_90), "JPEG", {"exif": _turned()}),
    "WebP": lambda i: (i, "WEBP", {}),
    "TIFF": lambda i: (i, "TIFF", {"compression": "tiff_lzw"}),
}
VARIANTS = tuple(product(SIZES, INKS, FORMATS))


def _turned():
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turn by 90 degrees clockwise to see it upright
    return exif


def encoded(rng, ink):
    """A random one of the 112 variants, as a file's bytes."""
    size, (ground, stroke), name = VARIANTS[rng.integers(len(VARIANTS))]
    digit = redraw(ink, round(size * rng.uniform(0.5, 0.9)))
    rest = size - np.array(digit.shape)
    before = (rest * rng.uniform(0.2, 0.8, 2)).astype(int)
    canvas = np.pad(digit, np.stack([before, rest - before], 1))
    image, kind, options = FORMATS[name](Image.fromarray(painted(canvas, ground, stroke)))
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()
