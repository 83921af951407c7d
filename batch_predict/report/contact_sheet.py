"""Draws contact sheets: each picture, its map and the 28x28 that the model saw, worst first.

Under a picture that was in doubt stand its readings, and what the judges took each alone for.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageOps
from PIL.PngImagePlugin import PngInfo

from batch_predict.manifest.own_marks import GENERATOR
from batch_predict.normalize.readings import ReadingKind
from batch_predict.options import SHEETS
from batch_predict.records import Row, Status, Views
from batch_predict.report.pictures import Pictures, answer, coloured

CELL = 140  # pixels, the side of each of a cell's three pictures
CAPTION = 28  # pixels, two lines under them
ACROSS, DOWN = 4, 7  # cells on a sheet
GAP = 12  # pixels, between cells
WIDTH = 3 * CELL + GAP
READING = 3 * CELL // len(ReadingKind)  # pixels, the side of a reading; a cell has room for all
LINE = 12  # pixels
JUDGED = "the judges, of each reading alone:"
STRIP = LINE + READING + 3 * LINE + GAP  # pixels, a row of readings under JUDGED, with its captions
GROUND, WORDS = (32, 32, 40), (235, 235, 235)
CHARACTERS = 66  # that fit under a cell


class Cell(NamedTuple):
    """What a sheet shows of one picture."""

    path: str
    views: Views
    words: str


def worst(rows: Iterable[Row]) -> list[Row]:
    """The rows that a person should see first, as many as fit on all sheets; none that one decided.

    Wrong labels come first, by falling confidence; then rows without a label, then the others by
    rising confidence.
    """
    seen = (row for row in rows if row.status not in (Status.FAILED, Status.DECIDED))
    return heapq.nsmallest(len(SHEETS) * ACROSS * DOWN, seen, key=_sort_key)


def _sort_key(row: Row) -> tuple[int, float, str]:
    confidence = row.confidence or 0.0
    if row.ref.truth not in (None, row.label):
        return 0, -confidence, row.ref.path
    return 1, confidence, row.ref.path


def cells(rows: Iterable[Row], pictures: Pictures) -> Iterator[Cell]:
    """Each of `rows` with its picture, read again; a picture that can't be read now is left out."""
    for row in rows:
        views = pictures(row.ref.path)
        if views is not None:
            yield Cell(row.ref.path, views, _words(row))


def _words(row: Row) -> str:
    answer = "" if row.label is None else f"{row.label} at {row.confidence:.3f}  "
    truth = "" if row.ref.truth is None else f"  truth {row.ref.truth}"
    return f"{answer}{row.status}{truth}"


def sheets(shown: Iterable[Cell]) -> Iterator[Image.Image]:
    """RGB images of up to ACROSS x DOWN cells each; one sheet is in memory at a time."""
    left = iter(shown)
    while page := list(islice(left, ACROSS * DOWN)):
        yield _sheet(page)


def mark() -> PngInfo:
    """What tells a sheet of ours from other pictures; see `manifest.ownership`."""
    text = PngInfo()
    text.add_text("Software", GENERATOR)
    return text


def _shown(views: Views) -> Iterator[Image.Image | None]:
    """The picture, its map in colours and the reading, at the size of a cell."""
    size = (CELL - 2, CELL - 2)
    yield ImageOps.contain(Image.fromarray(views.original), size)
    yield None if views.maps is None else ImageOps.contain(coloured(views.maps), size)
    yield None if views.prepared is None else _pixels(views.prepared, CELL - 2)


def _sheet(page: Sequence[Cell]) -> Image.Image:
    rows = [page[at : at + ACROSS] for at in range(0, len(page), ACROSS)]
    tops = list(accumulate(map(_height, rows), initial=0))
    sheet = Image.new("RGB", (ACROSS * WIDTH, tops[-1]), GROUND)
    pen = ImageDraw.Draw(sheet)
    for row, top in zip(rows, tops[:-1], strict=True):
        for place, cell in enumerate(row):
            _draw(sheet, pen, cell, place * WIDTH, top)
    return sheet


def _height(row: Sequence[Cell]) -> int:
    """Pixels of a row of cells: readings have room where a picture in it has some."""
    return CELL + CAPTION + (STRIP if any(cell.views.readings for cell in row) else 0)


def _draw(sheet: Image.Image, pen: ImageDraw.ImageDraw, cell: Cell, left: int, top: int) -> None:
    for place, shown in enumerate(_shown(cell.views)):
        if shown is not None:
            sheet.paste(shown, (left + place * CELL, top))
    pen.text((left + 2, top + CELL), cell.words, WORDS)
    path = cell.path.encode("ascii", "backslashreplace").decode()
    pen.text((left + 2, top + CELL + CAPTION // 2), path[-CHARACTERS:], WORDS)
    if not cell.views.readings:
        return
    top += CELL + CAPTION
    pen.text((left + 2, top), JUDGED, WORDS)
    top += LINE
    for place, reading in enumerate(cell.views.readings):
        at = left + place * READING
        sheet.paste(_pixels(reading.pixels, READING - 2), (at, top))
        for line, words in enumerate((reading.kind, *answer(reading))):
            pen.text((at + 1, top + READING + line * LINE), words, WORDS)


def _pixels(reading: NDArray[np.uint8], side: int) -> Image.Image:
    return Image.fromarray(reading).resize((side, side), Image.Resampling.NEAREST)
