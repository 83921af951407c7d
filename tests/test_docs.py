"""Every link of the documentation leads somewhere, and its tables are the program's.

What lies outside is not asked, only read.
"""

import configparser
import inspect
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from batch_predict import Prediction, predict, score
from batch_predict.api import ScoreOptions
from batch_predict.cli import build_parser
from batch_predict.errors import ExitCode
from batch_predict.merge.cli import main as merge
from batch_predict.normalize import from_maps
from batch_predict.records import REVIEW_CODES, TRANSIENT_CODES, Code
from batch_predict.report.cli import main as report
from batch_predict.review.cli import main as review
from tests.conftest import ROOT, SAMPLES

PAGES = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").rglob("*.md"),
    *ROOT.glob("*/LICENSE.md"),
    ROOT / "models" / "README.md",
]
FENCE = re.compile(r"^( *)```.*?^\1```", re.S | re.M)
OPTIONS_LISTED = re.compile(
    r"`--[a-z-]+[^`]*`(?:(?:,\s+(?:and\s+|or\s+)?|\s+and\s+|\s+or\s+)`--[a-z-]+[^`]*`)+"
)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
#: a file or folder of this repository, written as code; capitals and xyz stand for a name of yours
IN_HOUSE = re.compile(
    r"`((?:batch_predict|docs|examples|models|scripts|tests|train)/(?!\S*(?:[A-Z]{4}|xyz))[\w./-]+)`"
)
HEADING = re.compile(r"^#+ (.+)$", re.M)


def prose(page: Path) -> str:
    """The text of `page` without its blocks of code."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """What `#...` may say of `page`, as GitHub makes it of its headings."""
    words = (re.sub(r"[^\w\- ]", "", title.lower()) for title in HEADING.findall(prose(page)))
    return {each.strip().replace(" ", "-") for each in words}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.findall(prose(page)):
        place = urlsplit(link)
        if place.scheme:
            leads = place.scheme == "https" and "." in place.netloc
        else:
            target = (page.parent / place.path).resolve() if place.path else page
            leads = target.exists() and (not place.fragment or place.fragment in anchors(target))
        if not leads:
            broken.append(link)
    assert broken == []


def test_files_that_pages_name_are_there() -> None:
    pages = [page for page in PAGES if page.name not in ("CHANGELOG.md", "log.md")]  # of what was
    named = {name for page in pages for name in IN_HOUSE.findall(prose(page))}
    assert len(named) > 10
    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_each_promise_of_security_names_tests_that_are_there() -> None:
    table = (
        (ROOT / "SECURITY.md").read_text().partition("## What is promised")[2].partition("## ")[0]
    )
    promises = [line.split(" | ")[-1] for line in table.splitlines() if " | " in line][2:]
    tests = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    for held_by in promises:
        named = re.findall(r"`([^`]+)`", held_by)
        assert named
        for name in named:
            assert f"def {name}(" in tests or (ROOT / name).is_file(), name


def test_the_index_links_each_page_and_some_page_each_picture() -> None:
    linked = {
        (page.parent / urlsplit(link).path).resolve()
        for page in PAGES
        for link in LINK.findall(prose(page))
    }
    index = ROOT / "docs" / "index.md"
    from_index = {(index.parent / link).resolve() for link in LINK.findall(prose(index))}
    assert {*(ROOT / "docs").rglob("*.md")} - from_index == {index}
    assert {*(ROOT / "docs").rglob("*.png"), *(ROOT / "docs").rglob("*.yaml")} <= linked


def reference(name: str) -> str:
    """The page `name` of docs/reference/."""
    return (ROOT / "docs" / "reference" / f"{name}.md").read_text(encoding="utf-8")


def test_every_option_is_explained_in_the_order_of_help_and_under_its_titles() -> None:
    parser = build_parser()
    table = reference("options").split("| option |")[1].split("\n\n")[0]
    cells = " ".join(row.split("|")[1] for row in table.splitlines()[2:])
    options = [option for action in parser._actions for option in action.option_strings]
    assert ["-h", "--help", *re.findall("-0|--[a-z-]+", cells)] == options
    assert re.findall(r"\*\*(.+?)\*\*", cells) == [
        group.title for group in parser._action_groups[2:]
    ]


@pytest.mark.parametrize(
    ("title", "main"),
    [("The report", report), ("The review page", review), ("The merge", merge)],
    ids=["report", "review", "merge"],
)
def test_every_option_of_the_other_commands_is_explained(
    title: str, main: Callable[[list[str]], int], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    listed = re.findall(r"^  (--[a-z-]+)", capsys.readouterr().out, re.M)
    section = reference("options").split(f"## {title}\n")[1].split("\n## ")[0]
    cells = " ".join(row.split("| ")[1] for row in section.splitlines() if row.startswith("|"))
    assert re.findall("--[a-z]+(?:-[a-z]+)*", cells) == listed


def test_every_exit_code_is_explained() -> None:
    assert [code for code in ExitCode if f"| {code.value} |" not in reference("exit-codes")] == []


def test_every_key_of_a_manifest_is_explained(tmp_path: Path) -> None:
    said = {
        name
        for row in re.findall(r"^\| (`.+?) \|", reference("manifest"), re.M)
        for name in re.findall(r"`([a-z]\w*)`", row)
    }
    shares = {f"{name}_interval" for name in ("accuracy", "silently_wrong", "errors_among_ok")}
    shutil.copytree(SAMPLES / "7", tmp_path / "7")
    manifest = score(tmp_path, tmp_path / "out.csv", runtime="onnx", incremental=True)
    assert set(manifest) - said - shares == set()
    optional = {"walk_sha256", "cut", "decisions", "promise", "parts"}
    assert said - set(manifest) == optional


def test_the_keywords_of_score_and_the_fields_of_a_prediction_are_named_in_their_order() -> None:
    page = reference("api")
    keywords = page.split("unless you say otherwise.")[1].split("\n\n")[1]
    assert re.findall(r"`(\w+)`", keywords) == list(ScoreOptions.__annotations__)
    fields = page.split("## `Prediction`")[1].split("## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", fields, re.M) == list(Prediction._fields)
    signature = re.search(r"^## `predict\((.*)\)`$", page, re.M)
    assert signature is not None
    named = re.findall(r"(\w+)(?:=None)?(?:, |$)", signature[1])
    assert named == list(inspect.signature(predict).parameters)


def test_options_are_listed_in_the_order_of_help() -> None:
    order = [option for action in build_parser()._actions for option in action.option_strings]
    lists = [
        [name for name in re.findall("`(--[a-z-]+)", found) if name in order]
        for page in PAGES
        for found in OPTIONS_LISTED.findall(page.read_text(encoding="utf-8"))
    ]
    assert len(lists) > 5
    assert [each for each in lists if each != sorted(each, key=order.index)] == []


def test_every_reason_is_explained() -> None:
    table = re.findall(r"^\| `(\w+)` \| (\w+)(, may pass)?.*\|$", reference("reasons"), re.M)
    assert [code for code, _, _ in table] == list(Code)
    assert {code for code, status, _ in table if status == "review"} == REVIEW_CODES
    assert {code for code, _, transient in table if transient} == TRANSIENT_CODES


def test_the_rules_of_the_normalizer_have_their_values() -> None:
    page = (ROOT / "docs" / "explanation" / "normalizer.md").read_text(encoding="utf-8")
    said = re.findall(r"^\| `([A-Z_]+)` \| ([\d.]+) \|", page, re.M)
    thresholds = {name: each for name, each in vars(from_maps).items() if isinstance(each, float)}
    assert {name: float(value) for name, value in said} == thresholds


def test_the_floors_are_those_that_lint_imports_holds() -> None:
    config = configparser.ConfigParser(interpolation=None)
    config.read(ROOT / "setup.cfg")
    layers = config["importlinter:contract:house"]["layers"].strip().splitlines()
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = page.split("| floor |")[1].split("\n\n")[0].splitlines()[2:]
    floors = [re.findall(r"`(\w+)/?`", row.split("|")[1]) for row in table]
    assert floors == [layer.split(" | ") for layer in layers]


def test_the_house_has_each_module_and_package_once() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    house = page.split("## The house")[1].split("```")[1]
    parts = dict(re.findall(r"^(\w+)/(.*?)(?=^\S|\Z)", house, re.M | re.S))
    for package in ("batch_predict", "train"):
        rows = re.findall(r"^  (\S+(?:  \S+)*)(?=   |$)", parts[package], re.M)
        modules = {path.stem for path in (ROOT / package).glob("*.py")} - {"__init__"}
        packages = {f"{path.parent.name}/" for path in (ROOT / package).glob("*/__init__.py")}
        assert sorted(name for row in rows for name in row.split()) == sorted(modules | packages)
    nested = {path.parent.name for path in (ROOT / "batch_predict").glob("*/*/__init__.py")}
    assert {name for name in nested if f"{name}/" not in house} == set()


def test_what_the_architecture_names_is_there() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    places = (ROOT, ROOT / "batch_predict", ROOT / "batch_predict" / "review" / "templates")
    bare = {
        path.name
        for top in ("batch_predict", "train", "tests/bench")
        for path in (ROOT / top).rglob("*.py")
    }
    named = set(re.findall(r"`(?!out\.)([\w./-]+(?:/|\.(?:cfg|html|js|json|py|txt)))`", page))
    assert len(named) > 80
    missing = {name for name in named if not any((place / name).exists() for place in places)}
    assert missing - bare == set()
    values = re.findall(r"`(\w+)` in `([\w/]+\.py)`", page)
    assert len(values) > 10
    for value, name in values:
        texts = [(place / name).read_text() for place in places if (place / name).exists()]
        assert re.search(rf"\b{value}\b", "".join(texts)), f"{value} in {name}"


@pytest.mark.parametrize("name", ["bug", "misread"])
def test_who_reports_a_fault_is_asked_for_version_and_log(name: str) -> None:
    path = ROOT / ".github" / "ISSUE_TEMPLATE" / f"{name}.yml"
    template = yaml.safe_load(path.read_text(encoding="utf-8"))
    required = {
        field["id"]
        for field in template["body"]
        if field.get("validations", {}).get("required", False)
    }
    assert {"version", "log"} <= required
