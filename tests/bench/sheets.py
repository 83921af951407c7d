"""Contact sheets of failures, as runs save them: the surest errors first."""

import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from batch_predict.manifest.model_used import ModelUsed
from batch_predict.options import options_from
from batch_predict.report.contact_sheet import Cell, sheets
from batch_predict.report.seen_again import pictures_of
from batch_predict.runtimes.ink import find_ink
from batch_predict.runtimes.model_file import find_model

if TYPE_CHECKING:
    from tests.bench.outcomes import Outcome

MOST: Final = 56  # failures of a set: two sheets


def save_failures(outcomes: Sequence["Outcome"], path: Path, preprocess: str) -> None:
    """Writes PATH-1.png and so on: failures, among them all that is no digit; none without any."""
    wrong = sorted((o for o in outcomes if not o.right), key=lambda o: -(o.answer.confidence or 0))
    path.parent.mkdir(parents=True, exist_ok=True)
    for number, sheet in enumerate(sheets(_cells(islice(wrong, MOST), preprocess)), 1):
        sheet.save(f"{path}-{number}.png")


def _cells(outcomes: Iterator["Outcome"], preprocess: str) -> Iterator[Cell]:
    with tempfile.TemporaryDirectory(prefix="sheets-") as folder:
        options = options_from(folder, "", {"preprocess": preprocess})
        pictures = pictures_of(options, ModelUsed.of(find_model(options.model), find_ink()))
        for number, (sample, answer, _) in enumerate(outcomes):
            Path(folder, str(number)).write_bytes(sample.data)
            pair = pictures(str(number))
            if pair is not None:
                read = f"{answer.label} at {answer.confidence:.3f}  " if answer.confidence else ""
                yield Cell(str(number), pair, f"{read}{answer.status}  truth {sample.label}")
