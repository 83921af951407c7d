"""docs/tour.ipynb: its cells run, one after the other; what it shows is small and of no machine."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

NOTEBOOK = ROOT / "docs" / "tour.ipynb"
TEXT = NOTEBOOK.read_text(encoding="utf-8")
CELLS: list[dict[str, Any]] = json.loads(TEXT)["cells"]
CODE = [cell for cell in CELLS if cell["cell_type"] == "code"]


def test_what_it_shows_is_of_one_run_from_top_to_bottom() -> None:
    assert [cell["execution_count"] for cell in CODE] == list(range(1, len(CODE) + 1))
    kinds = {each["output_type"] for cell in CODE for each in cell["outputs"]}
    assert kinds == {"execute_result", "stream"}
    names = {each["name"] for cell in CODE for each in cell["outputs"] if "name" in each}
    assert names == {"stdout"}


def test_it_is_small_and_names_no_path_and_no_time_of_its_run() -> None:
    assert len(TEXT) < 300_000
    shown = "".join(
        "".join(each.get("text", each.get("data", {}).get("text/plain", "")))
        for cell in CODE
        for each in cell["outputs"]
    )
    assert not re.search(r"(^|[\s'\"])/\w|20\d\d-\d\d|file://", shown)


def test_links_lead_somewhere() -> None:
    prose = "".join("".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "markdown")
    links = re.findall(r"\]\(([^)]+)\)", prose)
    assert links
    assert [link for link in links if not (NOTEBOOK.parent / link).exists()] == []


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("default")  # what Jupyter's libraries say of each other
def test_every_cell_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import nbformat
    from nbclient import NotebookClient

    for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "TMPDIR"):
        monkeypatch.setenv(name, str(tmp_path))
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    monkeypatch.setenv("PYTHONPATH", path)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    where = {"metadata": {"path": str(NOTEBOOK.parent)}}
    NotebookClient(notebook, timeout=600, kernel_name="python3", resources=where).execute()
