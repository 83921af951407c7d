"""The connection to a work file."""

import sqlite3
from pathlib import Path

import pytest

from batch_predict.checkpoint.database import Database
from batch_predict.errors import OutputError


@pytest.mark.parametrize("fails", ["PRAGMA synchronous", "PRAGMA data_version"])
def test_what_can_t_be_opened_whole_is_closed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    closed = []

    class Failing(sqlite3.Connection):
        def execute(self, statement, *values):
            self._check(statement)
            return super().execute(statement, *values)

        def executescript(self, script):
            self._check(script)
            return super().executescript(script)

        def close(self):
            closed.append(True)
            super().close()

        def _check(self, statement):
            if statement.startswith(fails):
                raise sqlite3.OperationalError("disk I/O error")

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path: connect(path, factory=Failing))
    with pytest.raises(OutputError, match=r"can't write the work file .*: disk I/O error"):
        Database(str(tmp_path / "work"))
    assert closed == [True]
