"""Contact sheets of failures: the picture beside what the model saw, surest errors first."""

import io
from itertools import islice

from PIL import Image, ImageDraw, ImageOps

CELL = 120  # px
COLUMNS, ROWS = 8, 8


def save_failures(outcomes, path):
    """Writes a PNG of up to 64 failures, among them all that is no digit; none without any."""
    wrong = sorted((o for o in outcomes if not o.right), key=lambda o: -(o.row.confidence or 0))
    if not wrong:
        return
    sheet = Image.new("RGB", (COLUMNS * 2 * CELL, min(ROWS, -(-len(wrong) // COLUMNS)) * CELL))
    for i, outcome in enumerate(islice(wrong, COLUMNS * ROWS)):
        left, top = i % COLUMNS * 2 * CELL, i // COLUMNS * CELL
        original = ImageOps.exif_transpose(Image.open(io.BytesIO(outcome.sample.data))).convert(
            "RGB"
        )
        sheet.paste(ImageOps.contain(original, (CELL, CELL)), (left, top))
        sheet.paste(Image.fromarray(outcome.seen).resize((CELL, CELL)), (left + CELL, top))
        row = outcome.row
        caption = f"{outcome.sample.label} > {row.label}  {row.confidence or 0:.2f} {row.status}"
        ImageDraw.Draw(sheet).text((left + CELL + 3, top + 2), caption, (255, 90, 90))
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)
