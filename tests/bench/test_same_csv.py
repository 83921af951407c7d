"""Rows that differ are found, whatever differs."""

import pytest

from tests.bench.same_csv import Change, changes, main
from tests.conftest import ROOT

HEADS = "path,label,confidence,status,reason,p0\n"
ALL = tuple(HEADS.strip().split(","))
OLD = HEADS + "a.png,3,0.910000,ok,,0.01\nb.png,,,blank,,\n"


@pytest.mark.parametrize(
    ("new", "found"),
    [
        pytest.param(OLD, [], id="the same"),
        pytest.param(
            OLD.replace("0.01", "0.02"),
            [Change("a.png", "3 0.910000 ok", "3 0.910000 ok", ("p0",))],
            id="a column that is not told",
        ),
        pytest.param(
            OLD.replace("3,0.910000,ok", "8,0.400000,review"),
            [
                Change(
                    "a.png",
                    "3 0.910000 ok",
                    "8 0.400000 review",
                    ("label", "confidence", "status"),
                )
            ],
            id="a label",
        ),
        pytest.param(
            OLD.replace("b.png", "c.png"),
            [
                Change("c.png", "no row", "blank", ALL),
                Change("b.png", "blank", "no row", ALL),
            ],
            id="other pictures",
        ),
    ],
)
def test_changes(new, found, tmp_path):
    before, after = tmp_path / "before.csv", tmp_path / "after.csv"
    before.write_text(OLD)
    after.write_text(new)
    assert changes(before, after) == found


@pytest.mark.slow
@pytest.mark.timeout(900)  # on a busy machine
def test_a_checkout_writes_what_it_writes(monkeypatch, capsys):
    monkeypatch.delenv("DIGITS_DATA", raising=False)
    assert main([str(ROOT), "--large", "1"]) == 0
    said = capsys.readouterr().out
    for name in ("sample pictures | 101", "phone photos | 4", "scans | 15"):
        assert f"| {name} | 0 | 0 | 0 |" in said
