"""What keeps the house tidy: modules with one job, functions that fit on a screen."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import ROOT

MODULE_LINES = 150
REASON = "Over 150 lines: "  # in the docstring of a module that has one
FUNCTION_LINES = 40


def modules() -> Iterator[tuple[Path, str]]:
    """Every module of the program and of its training, with its text."""
    for package in ("batch_predict", "train"):
        for path in (ROOT / package).rglob("*.py"):
            yield path.relative_to(ROOT), path.read_text(encoding="utf-8")


def test_a_long_module_says_why_and_no_other() -> None:
    for path, text in modules():
        is_long = len(text.splitlines()) > MODULE_LINES
        assert is_long == (REASON in (ast.get_docstring(ast.parse(text)) or "")), path


def test_functions_fit_on_a_screen() -> None:
    assert [
        f"{path}: {node.name}"
        for path, text in modules()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef)
        and (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES
    ] == []
