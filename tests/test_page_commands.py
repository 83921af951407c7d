"""Every command of README.md and the docs is run here, or says in the page why it is not.

A block of ```sh is run as it stands, but for the operator's folders; `<!-- not run: why -->` or
`<!-- run by FILE -->` before it says otherwise.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import ROOT, SAMPLES
from tests.support.people import answer, fill_in

DOCS = ROOT / "docs"
PAGES = [
    *(path for path in sorted(ROOT.glob("*.md")) if path.name != "CHANGELOG.md"),
    *(path for path in sorted(DOCS.rglob("*.md")) if path.name != "log.md"),  # of what was
    ROOT / "models" / "README.md",
]
FENCED = re.compile(r"(?:^ *<!-- (.+?) -->\n)?^( *)```([^\n]*)\n(.*?)^\2```$", re.M | re.S)
COMMAND = re.compile(
    r"^\s*(?:[A-Z_]+=\S+ )*(?:python3? |pip |batch-predict|scripts/|pytest )", re.M
)
TUTORIAL = "docs/tutorial/first-folder.md"  # whose commands tests/test_tutorial.py runs


class Block(NamedTuple):
    """A fenced block of a page."""

    page: str
    mark: str  # what the comment before it says; empty: there is none
    language: str
    text: str


def blocks(path: Path) -> list[Block]:
    page = str(path.relative_to(ROOT))
    found = FENCED.findall(path.read_text(encoding="utf-8"))
    return [Block(page, mark, language, text) for mark, _, language, text in found]


BLOCKS = [block for page in PAGES for block in blocks(page)]
COMMANDS = [block for block in BLOCKS if block.language == "sh"]


def run(command: str, folder: Path) -> None:
    """By bash, in `folder`, with this Python and this program first."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": path, "PYTHONPATH": str(ROOT), "KERAS_HOME": str(folder)}
    ran = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", command],
        cwd=folder,
        env={**os.environ, **environment},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, f"{command}\n{ran.stderr}"


def with_scans(folder: Path) -> None:
    (folder / "scans").symlink_to(SAMPLES)


def with_a_run(folder: Path) -> None:
    with_scans(folder)
    run("python -m batch_predict scans out.csv --quiet", folder)


def with_a_run_in_doubt(folder: Path) -> None:
    run("python examples/slanted_scans.py sample_images scans", folder)
    run("python -m batch_predict scans out.csv --quiet", folder)


def with_nights(folder: Path) -> None:
    """The operator's folders, in which a night has been."""
    (folder / "data" / "out").mkdir(parents=True)
    shutil.copytree(SAMPLES, folder / "data" / "scans")
    run("batch-predict data/scans data/out/digits.csv --incremental --quiet", folder)
    run("touch -d @0 data/out/last", folder)


def with_an_archive(folder: Path) -> None:
    shutil.make_archive(str(folder / "scans"), "zip", SAMPLES)
    with_nights(folder)


def with_digits(folder: Path) -> None:
    (folder / "my_digits").symlink_to(SAMPLES)


def with_mnist(folder: Path) -> None:
    (folder / "mnist.npz").symlink_to(Path(os.environ["DIGITS_DATA"]) / "mnist.npz")


#: a page -> what is there before its first command
BEFORE: Mapping[str, Callable[[Path], None]] = {
    "README.md": with_scans,
    "docs/explanation/drift.md": with_nights,
    "docs/explanation/normalizer.md": with_mnist,
    "docs/how-to/audit.md": with_a_run_in_doubt,
    "docs/how-to/buckets-and-clusters.md": with_scans,
    "docs/how-to/inputs.md": with_an_archive,
    "docs/how-to/operate.md": with_nights,
    "docs/how-to/review.md": with_a_run,
    "docs/how-to/train.md": with_digits,
}
#: a part of a command -> what a person does after it
AFTER: Mapping[str, Callable[[Path], None]] = {"--audit 400": answer, "--sample 400": fill_in}
NEEDS_DATA = {"docs/explanation/normalizer.md"}


def test_each_block_of_commands_is_run_or_says_why_it_is_not() -> None:
    assert len(COMMANDS) > 30
    for block in COMMANDS:
        by = block.mark.removeprefix("run by ")
        is_run = block.page in BEFORE or block.page == TUTORIAL
        says = re.match("not run: .{5}", block.mark) or (ROOT / by).is_file()
        assert says if block.mark else is_run, block


def test_each_page_that_is_prepared_has_a_block_that_is_run() -> None:
    assert {block.page for block in COMMANDS if not block.mark} == {*BEFORE, TUTORIAL}


def test_ci_runs_what_it_is_said_to_run() -> None:
    """To score, to test, and to install without Keras."""
    said = [block.text for block in COMMANDS if block.mark == "run by .ci/run"]
    assert ["sample_images out.csv\n" in text for text in said] == [True, False, False]
    assert ["pytest\n" in text for text in said] == [False, True, False]
    assert ["--no-deps" in text for text in said] == [False, False, True]
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert re.findall(r"blocks\[(\d)\]", script) == ["0", "1", "2"]


def test_a_program_in_python_is_run_or_says_why_it_is_not() -> None:
    """tests/test_readme.py runs two."""
    unmarked = [block.page for block in BLOCKS if block.language == "python" and not block.mark]
    assert unmarked == ["README.md", "docs/reference/api.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_command_stands_in_another_block(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    others = [block.text for block in blocks(page) if block.language != "sh"]
    indented = re.findall(r"^\n((?: {4}.*\n)+)", FENCED.sub("", text), re.M)
    assert [other for other in (*others, *indented) if COMMAND.search(other)] == []


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "page",
    [pytest.param(page, marks=[pytest.mark.data] * (page in NEEDS_DATA)) for page in BEFORE],
)
def test_the_commands_of(page: str, tmp_path: Path) -> None:
    for name in ("sample_images", "examples", "models"):
        (tmp_path / name).symlink_to(ROOT / name)
    BEFORE[page](tmp_path)
    for block in COMMANDS:
        if block.page == page and not block.mark:
            command = block.text.replace("/opt/digits/bin/", "")
            run(command.replace("/data/", f"{tmp_path}/data/"), tmp_path)
            for part, act in AFTER.items():
                if part in block.text:
                    act(tmp_path)
