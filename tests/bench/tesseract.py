"""`python -m tests.bench.tesseract IN_DIR OUT.csv`: Tesseract on each picture of a folder.

A command as `tests.bench.accuracy --command` takes one, and a pattern for one's own. Tesseract is
told that a picture shows one character (`--psm 10`) and that it is a digit (the whitelist); it sees
the picture as Pillow decodes it, upright. Enlarged and turned to dark on light it read no more of
MNIST's digits, which it takes light on dark, too. One process reads all, on one core.
"""

import csv
import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps

PROGRAM: Final = "tesseract"
_OPTIONS: Final = ("--psm", "10", "-c", "tessedit_char_whitelist=0123456789", "tsv")

_WORD: Final = "5"  # the level of a line of its TSV that has a text


def read(in_dir: Path) -> Iterator[tuple[str, str, float]]:
    """Path, digit and confidence, 0 to 1, of each picture for which Tesseract gives one digit."""
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        pages = []
        for number, path in enumerate(sorted(in_dir.iterdir())):
            page = Path(scratch, f"{number:06d}.png")
            ImageOps.exif_transpose(Image.open(path)).convert("L").save(page)
            pages.append((path.name, page))
        listed = Path(scratch, "pages.txt")
        listed.write_text("".join(f"{page}\n" for _, page in pages))
        told = subprocess.run(
            [PROGRAM, str(listed), "stdout", *_OPTIONS],
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    yield from digits(told.stdout, [name for name, _ in pages])


def digits(tsv: str, names: list[str]) -> Iterator[tuple[str, str, float]]:
    """See `read`; `names` are those of the pages of what Tesseract printed."""
    words: dict[int, list[tuple[str, float]]] = {}
    for line in csv.DictReader(io.StringIO(tsv), delimiter="\t", quoting=csv.QUOTE_NONE):
        if line["level"] == _WORD:
            word = line["text"].strip(), float(line["conf"]) / 100
            words.setdefault(int(line["page_num"]) - 1, []).append(word)
    for page, found in words.items():
        if len(found) == 1 and found[0][0] in set("0123456789"):
            yield names[page], *found[0]


def main(in_dir: str, out_csv: str) -> None:
    """Write the table."""
    with open(out_csv, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "label", "confidence"])
        writer.writerows(read(Path(in_dir)))


if __name__ == "__main__":
    main(*sys.argv[1:])
