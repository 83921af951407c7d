import re

from batch_predict.tables.columns import COLUMNS
from tests.conftest import ROOT


def test_the_page_of_columns_lists_them_in_their_order() -> None:
    page = (ROOT / "docs" / "reference" / "columns.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\w+)`(?: \.\. `(\w+)`)? \|", page, re.M)
    named = [name for pair in listed for name in pair if name]
    names = [column.name for column in COLUMNS]
    assert named == [name for name in names if name not in [f"p{n}" for n in range(1, 9)]]
