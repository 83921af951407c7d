"""Contact sheets of failures: the picture beside what the model saw, surest errors first."""

import io
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from batch_predict.options import options_from
from batch_predict.records import SIDE, Pair
from batch_predict.report.seen_again import pictures_of

CELL = 120  # px
COLUMNS, ROWS = 8, 8
NOTHING = np.zeros((SIDE, SIDE), np.uint8)


def save_failures(outcomes, path, preprocess):
    """Writes a PNG of up to 64 failures, among them all that is no digit; none without any."""
    wrong = sorted((o for o in outcomes if not o.right), key=lambda o: -(o.answer.confidence or 0))
    if not wrong:
        return
    shown = list(islice(wrong, COLUMNS * ROWS))
    sheet = Image.new("RGB", (COLUMNS * 2 * CELL, -(-len(shown) // COLUMNS) * CELL))
    pairs = _pairs([outcome.sample.data for outcome in shown], preprocess)
    for i, (outcome, pair) in enumerate(zip(shown, pairs, strict=True)):
        left, top = i % COLUMNS * 2 * CELL, i // COLUMNS * CELL
        original = ImageOps.exif_transpose(Image.open(io.BytesIO(outcome.sample.data)))
        sheet.paste(ImageOps.contain(original.convert("RGB"), (CELL, CELL)), (left, top))
        seen = NOTHING if pair is None or pair.prepared is None else pair.prepared
        sheet.paste(Image.fromarray(seen).resize((CELL, CELL)), (left + CELL, top))
        answer = outcome.answer
        caption = (
            f"{outcome.sample.label} > {answer.label}  {answer.confidence or 0:.2f} {answer.status}"
        )
        ImageDraw.Draw(sheet).text((left + CELL + 3, top + 2), caption, (255, 90, 90))
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)


def _pairs(files: Sequence[bytes], preprocess: str) -> Iterator[Pair | None]:
    """What a report shows of files with these contents."""
    with tempfile.TemporaryDirectory(prefix="sheets-") as folder:
        pictures = pictures_of(options_from(folder, "", {"preprocess": preprocess}))
        for number, data in enumerate(files):
            Path(folder, str(number)).write_bytes(data)
            yield pictures(str(number))
