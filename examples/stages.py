"""Every stage of one picture, drawn, and its row: how the program comes to its answer.

    python examples/stages.py picture.jpg stages.png [--runtime onnx]

It does what a run does, by the same functions. Those are inside the package and may change with any
version: for answers alone, use `batch_predict.predict`.
"""

import argparse
import csv
import os
import sys
from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, ImageOps

from batch_predict.errors import BatchPredictError
from batch_predict.manifest.ownership import check_replaceable
from batch_predict.marking import Marked
from batch_predict.normalize.from_maps import from_maps
from batch_predict.normalize.letterbox import letterbox, side_of
from batch_predict.normalize.map_reading import read_maps
from batch_predict.options import options_from
from batch_predict.prepare import Prepare, PreparedItem
from batch_predict.records import Batch, Blank, Failure, ImageRef, Prepared, Reduced, Row
from batch_predict.report.contact_sheet import mark
from batch_predict.report.pictures import coloured
from batch_predict.rows import Rows
from batch_predict.runtimes import RUNTIMES, find_runtime
from batch_predict.runtimes.ink import find_ink
from batch_predict.runtimes.model_file import find_model
from batch_predict.scoring import Networks, Scorer, unscored
from batch_predict.tables.cells import cells_of
from batch_predict.tables.columns import columns_of
from batch_predict.tables.csv_paths import to_csv

CELL, GAP, TITLE = 240, 16, 26  # pixels: a panel's side, between panels, over each
ACROSS = 4  # panels
LABEL, LINE = 120, 19  # pixels: the height of the row's digit, and of a line of words below it
PAPER, WORDS, BAR, BOX = (250, 249, 246), (30, 33, 41), (0, 114, 178), (230, 50, 50)
HUGE_TEXT, LARGE_TEXT, SMALL_TEXT = map(ImageFont.load_default, (90, 15, 13))


class Stages(NamedTuple):
    """What becomes of one picture; None where it does not come so far, or needs no such stage."""

    decoded: NDArray[np.uint8] | None
    reduced: NDArray[np.uint8] | None
    marked: Marked | None
    reading: NDArray[np.uint8] | None
    screen: NDArray[np.float32] | None  # (10,) probabilities
    answer: NDArray[np.float32] | None  # (11,), of all looks: ten probabilities, and `no_digit`
    row: Row

    @property
    def why_absent(self) -> str:
        """Why there are stages that it did not go through."""
        if self.decoded is None:
            return "not read"
        return "nothing written" if self.reading is None else "no need: MNIST's form"


def stages_of(path: str, runtime: str) -> Stages:
    """All stages of the picture at `path`, one after the other."""
    folder, name = os.path.split(path)
    ref = ImageRef(to_csv(name))
    prepare = Prepare.of(options_from(folder, "", {"runtime": runtime}))
    picture = prepare.picture(ref)
    if picture is None:
        (failure,) = prepare.each((ref,))
        assert isinstance(failure, Failure)
        return Stages(None, None, None, None, None, None, unscored(failure))

    library, model = find_runtime(runtime), find_model("digits")
    networks = Networks.load(model, find_ink(), library, 1)
    item: PreparedItem | Blank = prepare.normalize(picture)
    reduced, marked = None, None
    if isinstance(item, Reduced):  # all but what is in MNIST's form
        reduced = item.pixels
        (marked,) = networks.marker.mark([item.pixels], side_of(item.pixels))
        item = from_maps(item, *marked)
    if isinstance(item, Blank | Failure):
        return Stages(picture.pixels, reduced, marked, None, None, None, unscored(item))

    assert isinstance(item, Prepared)
    batch, scorer = Batch.of([item]), Scorer(networks, model.looks, 1, model.review_below)
    alone, opinion = Scorer(networks, None, 1).predict(batch), scorer.predict(batch)
    (row,) = scorer.rows(batch, opinion)
    last = np.append(opinion.probabilities[0], opinion.no_digit[0])
    return Stages(picture.pixels, reduced, marked, item.pixels, alone.probabilities[0], last, row)


def panels(stages: Stages) -> Iterator[tuple[str, Image.Image | None]]:
    """A title and a picture for each stage but the probabilities."""
    shape = () if stages.decoded is None else stages.decoded.shape[1::-1]
    yield f"1  decoded{'' if not shape else ', {} x {}'.format(*shape)}", _image(stages.decoded)
    square = None
    if stages.reduced is not None:
        square, _ = letterbox(stages.reduced, side_of(stages.reduced))
    yield f"2  on its square{'' if square is None else f', {len(square)}'}", _image(square)
    maps = None if stages.marked is None else stages.marked.maps
    for number, name in enumerate(("the digit's ink", "other writing", "print")):
        yield f"{number + 3}  map: {name}", _image(None if maps is None else maps[..., number])
    yield "6  the maps, and the digit's box", None if maps is None else _with_box(maps)
    yield "7  the reading, 28 x 28", _image(stages.reading)


def _image(pixels: NDArray[np.uint8] | None) -> Image.Image | None:
    return None if pixels is None else Image.fromarray(pixels)


def _with_box(maps: NDArray[np.uint8]) -> Image.Image:
    """The maps in colours, as contact sheets have them, enlarged, and the box of what was read."""
    scale = max(1, CELL // max(maps.shape))
    shown = ImageOps.scale(coloured(maps), scale, Image.Resampling.NEAREST)
    reading = read_maps(maps)
    if reading is not None:
        ImageDraw.Draw(shown).rectangle([scale * edge for edge in reading.box], outline=BOX)
    return shown


def _bars(
    pen: ImageDraw.ImageDraw, left: int, top: int, values: Sequence[float], beside: Sequence[str]
) -> None:
    """One bar for each of `values`, probabilities, with its class under and its share over it.

    The classes are the ten digits, and those named `beside` them.
    """
    names = [*map(str, range(10)), *beside]
    step, height = 22, 110
    bottom, x = top + height + 16, left + step / 2
    for name, value in zip(names, values, strict=True):
        x += step if len(name) > 1 else 0  # a word is wider than a digit
        end = bottom - height * value
        pen.rectangle((x - 9, end, x + 9, bottom), fill=BAR)
        pen.text((x, bottom + 3), name, WORDS, SMALL_TEXT, anchor="mt")
        if value >= 0.01:
            pen.text((x, end - 3), f"{100 * value:.0f}", WORDS, SMALL_TEXT, anchor="mb")
        x += step


def _said(row: Row) -> list[str]:
    """The lines that say what the row says beside its label."""
    sure = "" if row.confidence is None else f" at {row.confidence:.6f}"
    reasons = (line for reason in row.reasons for line in wrap(str(reason), 34))
    return [f"{row.status}{sure}", *reasons]


def _answer(pen: ImageDraw.ImageDraw, left: int, top: int, row: Row) -> None:
    """What the row says."""
    pen.text((left, top), "11  the row", WORDS, LARGE_TEXT)
    pen.text((left, top + TITLE), "-" if row.label is None else str(row.label), WORDS, HUGE_TEXT)
    pen.multiline_text((left, top + TITLE + LABEL), "\n".join(_said(row)), WORDS, LARGE_TEXT)


def figure(stages: Stages) -> Image.Image:
    """All stages on one picture."""
    width = ACROSS * (CELL + GAP) + GAP
    second = GAP + CELL + TITLE + GAP
    words = LABEL + LINE * len(_said(stages.row))
    middle = second + TITLE + max(CELL, words) + GAP
    page = Image.new("RGB", (width, middle + 200), PAPER)
    pen = ImageDraw.Draw(page)
    for place, (title, shown) in enumerate(panels(stages)):
        left = GAP + place % ACROSS * (CELL + GAP)
        top = GAP + place // ACROSS * (CELL + TITLE + GAP)
        pen.text((left, top), title, WORDS, LARGE_TEXT)
        if shown is None:
            pen.text((left, top + TITLE), stages.why_absent, WORDS, LARGE_TEXT)
            continue
        small = max(shown.size) < CELL / 3
        method = Image.Resampling.NEAREST if small else Image.Resampling.LANCZOS
        page.paste(ImageOps.contain(shown, (CELL, CELL), method), (left, top + TITLE))
    head = None if stages.marked is None else stages.marked.classes
    answers = (
        ("8  the screen, on the reading, %", stages.screen, ()),
        ("9  the class head, on the picture, %", head, ("empty", "other")),
        ("10  after all looks, %", stages.answer, ("no_digit",)),
    )
    for place, (title, values, beside) in enumerate(answers):
        left = GAP + place * (width - GAP) // 3
        pen.text((left, middle), title, WORDS, LARGE_TEXT)
        if values is None:
            pen.text((left, middle + TITLE), stages.why_absent, WORDS, LARGE_TEXT)
        else:
            _bars(pen, left, middle + TITLE, values.tolist(), beside)
    _answer(pen, GAP + 3 * (CELL + GAP), second, stages.row)
    return page


def main() -> int:
    """Writes the figure and prints the row, with the names of its columns."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("picture")
    parser.add_argument("stages", help="the PNG to write")
    parser.add_argument("--runtime", default="keras", choices=list(RUNTIMES))
    arguments = parser.parse_args()
    out = arguments.stages
    try:
        inputs = {"the picture": arguments.picture}
        check_replaceable([out], inputs, output=out, overwrite=False)
        stages = stages_of(arguments.picture, arguments.runtime)
    except BatchPredictError as error:
        parser.exit(error.exit_code, f"{parser.prog}: {error}\n")
    columns = columns_of(truth=False, probabilities=False)
    names = [column.name for column in columns]
    cells = [cells_of(Rows.of([stages.row]), column)[0] for column in columns]
    csv.writer(sys.stdout, lineterminator="\n").writerows([names, cells])
    figure(stages).save(out, format="PNG", pnginfo=mark())
    return 0


if __name__ == "__main__":
    sys.exit(main())
