"""Any command as a tool of the benchmark: a folder of pictures in, a CSV out."""

import csv
import shlex
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from batch_predict import Prediction
from batch_predict.decode.signatures import detect_format
from batch_predict.records import Status
from tests.bench.measure import CommandError, run_command
from tests.bench.sample import Sample
from tests.bench.tools import DIGITS, NO_ANSWER, Answers, ToolError

_STATUSES: Final = tuple(map(str, Status))


class Command:
    """Any program that reads a folder and writes a CSV of path, label and confidence."""

    together = sys.maxsize

    def __init__(self, name: str, template: str) -> None:
        for place in ("{in_dir}", "{out_csv}"):
            if place not in template:
                raise ToolError(f"--command {name}={template}: there is no {place} in it")
        self.name = name
        self._words = shlex.split(template)
        self.about = {"kind": "command", "prepared": "by itself", "command": template}

    def answers(self, samples: Sequence[Sample]) -> Answers:
        """See `Tool`."""
        with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
            in_dir, out_csv = Path(scratch, "in"), Path(scratch, "out.csv")
            in_dir.mkdir()
            names = [f"{n:06d}{_suffix(sample.data)}" for n, sample in enumerate(samples)]
            for name, sample in zip(names, samples, strict=True):
                (in_dir / name).write_bytes(sample.data)
            places = {"{in_dir}": str(in_dir), "{out_csv}": str(out_csv)}
            words = [_filled(word, places) for word in self._words]
            try:
                spent = run_command(words, look_at_memory=True)
            except CommandError as error:
                raise ToolError(f"{self.name}: {error}") from error
            found = read_answers(self.name, out_csv, names)
        # All its processes are looked at now and then: of a short one the kernel knows more.
        peak = max(spent.peak, spent.largest)
        return Answers([found.get(name, NO_ANSWER) for name in names], peak=peak)


def _filled(word: str, places: dict[str, str]) -> str:
    for place, path in places.items():
        word = word.replace(place, path)
    return word


def _suffix(data: bytes) -> str:
    return f".{detect_format(data).name.lower()}"


def read_answers(tool: str, table: Path, names: Sequence[str]) -> dict[str, Prediction]:
    """The answers in a CSV, by the names of the pictures; a picture without a row has none.

    It has `path`, whose last part is a picture's name, `label`, and, if the tool says so,
    `confidence`, from 0 to 1, and `status`: `ok`, where no other is said; `review`, `blank` or
    `failed` where the tool would not have its label trusted.

    Raises:
        ToolError: it is another table.
    """
    known, found = set(names), dict[str, Prediction]()
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if missing := {"path", "label"} - set(rows.fieldnames or ()):
                raise ToolError(f"{tool}: its CSV has no column {' and no '.join(sorted(missing))}")
            for row in rows:
                name = Path(row["path"] or "").name
                if name not in known:
                    raise ToolError(f"{tool}: a row of {row['path']!r}, which is no picture of its")
                if name in found:
                    raise ToolError(f"{tool}: two rows of {name}")
                found[name] = _answer(tool, row)
    except FileNotFoundError as error:
        raise ToolError(f"{tool}: it wrote no CSV") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ToolError(f"{tool}: its output is no CSV of UTF-8: {error}") from error
    return found


def _answer(tool: str, row: dict[str, str]) -> Prediction:
    text, sure = (row["label"] or "").strip(), (row.get("confidence") or "").strip()
    status = (row.get("status") or str(Status.OK)).strip()
    if status not in _STATUSES:
        raise ToolError(f"{tool}: a status is one of {', '.join(_STATUSES)}, received {status}")
    if not text:
        return NO_ANSWER if status == Status.OK else NO_ANSWER._replace(status=status)
    if text not in DIGITS:
        raise ToolError(f"{tool}: a label is a digit or empty, received {text}")
    confidence = None
    if sure:
        with suppress(ValueError):
            confidence = float(sure)
        if confidence is None or not 0 <= confidence <= 1:
            raise ToolError(f"{tool}: a confidence is from 0 to 1, received {sure}")
    return Prediction(int(text), confidence, status, "", None)
