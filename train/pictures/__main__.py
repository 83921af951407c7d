"""`python -m train.pictures sheet.png`: a contact sheet of every kind, with the truth beside it."""

import argparse
import os
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from batch_predict.cli_common import OVERWRITE
from batch_predict.opencv import cv2
from batch_predict.report.contact_sheet import mark

from ..data import load
from ..ownership import check_sheet
from .kinds import KINDS
from .sample import Sample, letterboxed

COLUMNS, CELL, NAME = 12, 96, 70  # pictures in a row; px of each; px for the kind's name


def main() -> None:
    """Writes the sheet: rows of a kind, beside each picture its maps as red, green and blue."""
    parser = argparse.ArgumentParser(prog="python -m train.pictures", description=__doc__)
    parser.add_argument("sheet", help="the PNG to write")
    parser.add_argument(
        "--data", default=os.environ.get("DIGITS_DATA", ""), help="the folder of mnist.npz"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), choices=list(KINDS))
    parser.add_argument("--rows", type=int, default=1, help="of each kind")
    parser.add_argument("--overwrite", action="store_true", help=OVERWRITE)
    options = parser.parse_args()
    check_sheet(parser, options.sheet, overwrite=options.overwrite)
    mnist = load(os.path.join(options.data, "mnist.npz") if options.data else "keras").train
    rows = [name for name in options.kinds for _ in range(options.rows)]
    sheet = Image.new(
        "RGB", (NAME + COLUMNS * 2 * (CELL + 2), len(rows) * (CELL + 4)), (40, 40, 90)
    )
    for top, name in enumerate(rows):
        rng = np.random.default_rng((options.seed, top, zlib.crc32(name.encode())))
        ImageDraw.Draw(sheet).text((3, top * (CELL + 4) + CELL // 2), name, (255, 255, 255))
        for column in range(COLUMNS):
            cell = Image.fromarray(_pair(KINDS[name].draw(rng, mnist)))
            sheet.paste(cell, (NAME + column * 2 * (CELL + 2), top * (CELL + 4)))
    sheet.save(options.sheet, format="PNG", pnginfo=mark())


def _pair(sample: Sample) -> NDArray[np.uint8]:
    """Picture and maps side by side; small pictures with their pixels as squares."""
    scale = CELL // max(sample.pixels.shape[:2])
    if scale > 1:
        pixels = sample.pixels.repeat(scale, axis=0).repeat(scale, axis=1)
        sample = sample._replace(pixels=pixels)
        height, width = pixels.shape[:2]
        maps = cv2.resize(sample.maps, (width, height), interpolation=cv2.INTER_AREA)
        sample = sample._replace(maps=np.asarray(maps, np.uint8))
    boxed = letterboxed(sample, CELL)
    caption = ImageDraw.Draw(truth := Image.fromarray(boxed.maps))
    caption.text((2, 0), str(sample.label), (255, 255, 255))
    return np.hstack([boxed.pixels, np.asarray(truth)])


if __name__ == "__main__":
    main()
