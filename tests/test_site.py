"""The site that Sphinx makes of README.md and docs/, as CONTRIBUTING.md says."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT


@pytest.mark.slow
def test_it_is_built_without_warnings(tmp_path: Path) -> None:
    """No page is unlinked, no link broken, and no block of a language that is not known."""
    doctrees = ["-d", str(tmp_path / "doctrees")]
    command = [sys.executable, "-m", "sphinx", "-W", "-n", "--keep-going", "-c", "docs", *doctrees]
    built = subprocess.run(
        [*command, ".", str(tmp_path / "site")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (built.returncode, built.stderr) == (0, "")
    pages = {path.relative_to(ROOT) for path in (ROOT / "docs").rglob("*.md")}
    assert {(tmp_path / "site" / page).with_suffix(".html").is_file() for page in pages} == {True}
