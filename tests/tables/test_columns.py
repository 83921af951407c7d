import re

from batch_predict.tables.columns import COLUMNS
from tests.conftest import ROOT


def test_the_readme_lists_the_columns_in_their_order() -> None:
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("## The CSV")[1]
    listed = re.findall(r"^\| `(\w+)`(?: \.\. `(\w+)`)? \|", section.split("\n## ")[0], re.M)
    named = [name for pair in listed for name in pair if name]
    names = [column.name for column in COLUMNS]
    assert named == [name for name in names if name not in [f"p{n}" for n in range(1, 9)]]
