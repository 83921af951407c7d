"""`python -m train.drawn sheet.png`: a contact sheet of what the generator draws."""

import argparse

import numpy as np
from PIL import Image

from batch_predict.cli_common import OVERWRITE
from batch_predict.report.contact_sheet import mark

from ..ownership import check_sheet
from . import Difficulty, draw_digit, draw_outlier, photograph

COLUMNS, CELL = 20, 96  # px


def main() -> None:
    """Writes the sheet: two rows per digit, drawn and photographed, and two of no digits."""
    parser = argparse.ArgumentParser(prog="python -m train.drawn", description=__doc__)
    parser.add_argument("sheet", help="the PNG to write")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--overwrite", action="store_true", help=OVERWRITE)
    options = parser.parse_args()
    check_sheet(parser, options.sheet, overwrite=options.overwrite)
    rng = np.random.default_rng(options.seed)
    rows = []
    for digit in range(10):
        inks = [draw_digit(rng, digit, 4 * CELL) for _ in range(COLUMNS)]
        photos = [
            photograph(rng, ink, Difficulty.random(rng), (3 * CELL, 3 * CELL)) for ink in inks
        ]
        rows += [[255 - ink for ink in inks], photos]
    rows += [[255 - draw_outlier(rng, 4 * CELL) for _ in range(COLUMNS)] for _ in range(2)]
    sheet = Image.new("RGB", (COLUMNS * CELL, len(rows) * CELL))
    for top, row in enumerate(rows):
        for left, pixels in enumerate(row):
            cell = Image.fromarray(pixels).resize((CELL, CELL), Image.Resampling.BOX)
            sheet.paste(cell, (left * CELL, top * CELL))
    sheet.save(options.sheet, format="PNG", pnginfo=mark())


if __name__ == "__main__":
    main()
