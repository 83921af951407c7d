"""docs/how-to/errors.md: each message that it explains is in the program, and it explains each.

So are the parts of the summary line that docs/reference/files.md explains.
"""

import argparse
import ast
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "how-to" / "errors.md").read_text(encoding="utf-8")
EXPLAINED = re.findall(r"^\| `(.+?)` \| ", PAGE, re.M)
PRINTED = (ROOT / "docs" / "reference" / "files.md").read_text(encoding="utf-8")
PARTS = re.findall(r"^\| `(.+?)` \| ", PRINTED.partition("| part | ")[2].partition("\n\n")[0], re.M)
SOURCES = sorted(
    path for name in ("batch_predict", "train") for path in (ROOT / name).rglob("*.py")
)
ERRORS = {"UsageError", "InputError", "LimitError", "LockedError", "ModelError", "OutputError"}
OPEN = "…"  # what differs from one message to the next


def written(node: ast.AST) -> str:
    """The text of an expression, as far as it stands in the source."""
    match node:
        case ast.Constant(value=str(text)):
            return re.sub(r"\{[^{}]*\}", OPEN, text)
        case ast.JoinedStr(values=parts):
            return "".join(map(written, parts))
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return written(left) + written(right)
        case ast.Call(func=ast.Attribute(attr="format", value=value)):
            return written(value)
    return OPEN


@pytest.fixture(scope="module")
def nodes() -> list[tuple[Path, ast.AST]]:
    """All that the program's sources are made of."""
    return [
        (path, node)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    ]


@pytest.fixture(scope="module")
def texts(nodes: list[tuple[Path, ast.AST]]) -> str:
    """What the program may say, and argparse."""
    ours = {written(node) for _, node in nodes if isinstance(node, ast.expr)}
    return "\n".join(ours) + Path(argparse.__file__).read_text(encoding="utf-8")


@pytest.fixture
def raised(nodes: list[tuple[Path, ast.AST]]) -> set[str]:
    """The messages of errors for a user, and where."""
    return {
        f"{written(node.args[0])} ({path.relative_to(ROOT)})"
        for path, node in nodes
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS
        if node.args
    }


def pattern(message: str) -> re.Pattern[str]:
    """What finds `message` in a text of the program."""
    return re.compile(".*".join(map(re.escape, message.split(OPEN))))


@pytest.mark.parametrize("message", [*EXPLAINED, *PARTS])
def test_what_the_page_explains_is_in_the_program(message: str, texts: str) -> None:
    assert pattern(message).search(texts)


def test_the_parts_of_the_summary_line_are_found() -> None:
    assert len(PARTS) > 10


def test_the_page_explains_what_the_program_raises(raised: set[str]) -> None:
    known = [pattern(message) for message in EXPLAINED if message != f"{OPEN}, received {OPEN}"]
    open_only = re.compile(rf"[{OPEN}:;, ]* \(|.*, received {OPEN} \(")  # it is made elsewhere
    assert [
        message
        for message in sorted(raised)
        if not open_only.match(message) and not any(each.match(message) for each in known)
    ] == []
