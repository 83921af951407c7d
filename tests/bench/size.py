"""`python -m tests.bench.size PATH...`: lines and numeric constants of modules, as a table.

A line of code is no blank one, comment or docstring. A constant is an upper-case name of a module
that holds a number, or several: `NEAR: Final = 3` has one, `SIDES = (160, 192)` two.
"""

import argparse
import ast
import io
import tokenize
from pathlib import Path
from typing import Final, NamedTuple

NO_CODE: Final = {
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
    tokenize.ENDMARKER,
}  # fmt: skip


class Size(NamedTuple):
    """Of a module."""

    lines: int
    code: int  # of these
    names: int  # upper-case ones that hold numbers
    numbers: int  # in them


def size(source: str) -> Size:
    """Of the module whose text is `source`."""
    tree = ast.parse(source)
    docstrings = {
        number
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and ast.get_docstring(node) is not None
        for number in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
    }
    code = {
        number
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type not in NO_CODE
        for number in range(token.start[0], token.end[0] + 1)
    }
    numbers = [count for node in tree.body if (count := _numbers(node))]
    return Size(len(source.splitlines()), len(code - docstrings), len(numbers), sum(numbers))


def _numbers(node: ast.stmt) -> int:
    """How many numbers an assignment to an upper-case name holds."""
    match node:
        case (
            ast.Assign(targets=[target], value=value)
            | ast.AnnAssign(target=target, value=ast.expr() as value)
        ):
            names = [n.id for n in ast.walk(target) if isinstance(n, ast.Name)]
            if not all(name.lstrip("_").isupper() for name in names):
                return 0
            return sum(
                isinstance(n, ast.Constant)
                and isinstance(n.value, int | float)
                and not isinstance(n.value, bool)
                for n in ast.walk(value)
            )
    return 0


def main() -> None:
    """Print a line for each module of the files and folders given, and their sum."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.size")
    parser.add_argument("paths", nargs="+", type=Path)
    paths = parser.parse_args().paths
    files = [f for path in paths for f in (sorted(path.rglob("*.py")) if path.is_dir() else [path])]
    sizes = {str(file): size(file.read_text(encoding="utf-8")) for file in files}
    sums = Size(*map(sum, zip(*sizes.values(), strict=True)))
    print("| module | lines | of code | constants | numbers in them |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name, row in {**sizes, "**sum**": sums}.items():
        print(f"| {name} | {' | '.join(map(str, row))} |")


if __name__ == "__main__":
    main()
