"""docs/tutorial/first-folder.md: its commands, in turn, and what a person does between them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.people import answer, decide, drawn, rows_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

PAGE = (ROOT / "docs" / "tutorial" / "first-folder.md").read_text(encoding="utf-8")
COMMANDS = "".join(re.findall(r"^```sh\n(.*?)^```", PAGE, re.S | re.M)).splitlines()


#: a command -> what a person does after it
BETWEEN = {
    "python -m batch_predict.review out.csv": decide,
    "python -m batch_predict.review out.csv --audit 100": answer,
}


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The folder in which the tutorial was followed, and what each command printed first."""
    folder = tmp_path_factory.mktemp("tutorial")
    for name in ("sample_images", "examples"):
        (folder / name).symlink_to(ROOT / name)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": path, "KERAS_HOME": str(folder)}
    printed: dict[str, str] = {}
    for command in COMMANDS:
        ran = subprocess.run(
            command,
            shell=True,
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, command
        printed.setdefault(command, ran.stdout)
        BETWEEN.get(command, lambda folder: None)(folder)
    return folder, printed


def test_what_was_decided_is_what_the_second_run_says(
    followed: tuple[Path, dict[str, str]],
) -> None:
    folder, printed = followed
    assert "to look at them: python -m batch_predict.review out.csv" in "".join(printed.values())
    rows = rows_of(folder / "out.csv")
    assert {row["status"] for row in rows} == {"ok", "decided"}
    decided = [row for row in rows if row["status"] == "decided"]
    assert len(decided) > 150
    assert all(row["label"] == drawn(row["path"]) for row in decided)
    assert sum(row["model_label"] == drawn(row["path"]) for row in decided) < 0.85 * len(decided)


def test_what_was_learned_leaves_fewer_in_doubt(followed: tuple[Path, dict[str, str]]) -> None:
    folder, _ = followed
    before, after = (rows_of(folder / name) for name in ("out.csv", "tuned.csv"))
    left = [row for row in after if row["status"] == "review"]
    assert len(left) < 0.75 * sum(row["status"] == "decided" for row in before)
    sure = [row for row in after if row["status"] == "ok"]
    assert sum(row["label"] == drawn(row["path"]) for row in sure) > 0.98 * len(sure)
