"""What people do between the commands of a page: they decide, and they answer an audit.

Of scans that `examples/slanted_scans.py` made, whose names say what they show.
"""

import csv
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from batch_predict.audit.answers_file import HEADER
from batch_predict.audit.plan import read_plan
from batch_predict.decisions.decision import Decided, Decision
from batch_predict.decisions.decisions_file import header_line, row_line
from batch_predict.tables.times import time_text


def rows_of(table: Path) -> list[dict[str, str]]:
    with open(table, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def drawn(path: str) -> str:
    """The digit that the picture at `path` shows: `writer-3/7b.png` is a 7."""
    return path.rpartition("/")[2][0]


def decide(folder: Path) -> None:
    """What the page's *Save* gives to a person who decided all that is in review."""
    at = time_text(datetime.now(UTC))
    with open(folder / "out.decisions.csv", "w", encoding="utf-8", newline="") as file:
        file.write(header_line())
        for row in rows_of(folder / "out.csv"):
            if row["status"] == "review":
                path = row["path"]
                content = sha256((folder / "scans" / path).read_bytes()).hexdigest()
                file.write(row_line(Decided(path, content, Decision(drawn(path)), at, "me")))


def answer(folder: Path) -> None:
    """What the page of the audit gives to a person who answered all that was asked."""
    plan = read_plan(str(folder / "out.audit.json"))
    at = time_text(datetime.now(UTC))
    with open(folder / "out.audit.csv", "w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(HEADER)
        for picture in (plan.pictures[asked] for asked in plan.asked):
            lines.writerow([picture.path, picture.content, drawn(picture.path), at, "me", ""])


def fill_in(folder: Path) -> None:
    """A person writes the digit of each picture into a sample to label."""
    rows = rows_of(folder / "to_label.csv")
    with open(folder / "to_label.csv", "w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["path", "label"])
        lines.writerows([row["path"], drawn(row["path"])] for row in rows)
