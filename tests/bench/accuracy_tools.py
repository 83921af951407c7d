"""What `tests.bench.accuracy` compares: this program, known others, and what the user names."""

import argparse
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from tests.bench import tesseract
from tests.bench.command import Command
from tests.bench.network_alone import Network
from tests.bench.program import Program
from tests.bench.sets import NotHadError
from tests.bench.tools import Tool

OURS: Final = "ours"
TESSERACT: Final = "Tesseract"
DEFAULT_MODEL: Final = "digits"
PREPARES: Final = {"naive": "naively", "ours": "by ours"}


def known_tools(options: argparse.Namespace) -> dict[str, Callable[[], Tool]]:
    """What may be compared, by name, each made when it is called.

    That raises ToolError or BatchPredictError where it can't be used, and NotHadError where it is
    not installed.
    """
    ours = {"runtime": options.runtime, "preprocess": options.preprocess}
    article = "article-code, naively"
    known: dict[str, Callable[[], Tool]] = {
        OURS: partial(Program, OURS, DEFAULT_MODEL, **ours),
        article: partial(Network, article, "article-code", PREPARES["naive"]),
        TESSERACT: of_tesseract,
    }
    for model in options.model:
        for how in options.prepare:
            name = f"{Path(model).stem}, {PREPARES[how]}"
            if how == "ours" and not model.endswith(".onnx"):
                known[name] = partial(Program, name, model, **ours)
            else:
                known[name] = partial(Network, name, model, PREPARES[how])
    return known | {name: partial(Command, name, words) for name, words in options.command}


def of_tesseract() -> Tool:
    """Tesseract; raises NotHadError."""
    if not shutil.which(tesseract.PROGRAM):
        raise NotHadError("not installed: Debian's package tesseract-ocr")
    words = f"{sys.executable} -m {tesseract.__name__} {{in_dir}} {{out_csv}}"
    return Command(TESSERACT, words)


def chosen_tools(options: argparse.Namespace, left_out: dict[str, str]) -> Iterator[Tool]:
    """What is compared; why a tool can't be goes into `left_out`.

    Raises:
        ToolError, BatchPredictError: what the user named can't be used.
    """
    for name, make in known_tools(options).items():
        if not re.search(options.tools, name):
            continue
        try:
            yield make()
        except NotHadError as error:
            left_out[name] = str(error)
