"""Whatever option of whatever command has a wrong value: the error names it, in argparse's form."""

import argparse
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import batch_predict.cli
import batch_predict.merge.cli
import batch_predict.report.cli
import batch_predict.review.cli
import train.cli
from tests.conftest import ROOT


class Command(NamedTuple):
    main: Callable[[list[str]], int]
    name: list[str]  # its first arguments
    needed: list[str]  # what it lacks without; OUT is a file that is not there yet


INK = ["--output", "m.keras", "--steps", "1"]
COMMANDS = {
    "run": Command(batch_predict.cli.main, [], [str(ROOT / "sample_images"), "OUT"]),
    "report": Command(batch_predict.report.cli.main, [], ["out.csv"]),
    "merge": Command(batch_predict.merge.cli.main, [], ["OUT", "part.csv"]),
    "review": Command(batch_predict.review.cli.main, [], ["out.csv"]),
    "train": Command(train.cli.main, [], ["--output", "m.keras"]),
    "train recipe": Command(train.cli.main, ["recipe"], ["--folder", "f"]),
    "train tune": Command(
        train.cli.main, ["tune"], ["in", "--labels", "l.csv", "--output", "m.keras"]
    ),
    "train classifier": Command(train.cli.main, ["classifier"], [*INK, "--ink", "i.onnx"]),
    "train looks": Command(train.cli.main, ["looks"], ["m.keras", "--ink", "i.onnx"]),
    "train ink": Command(train.cli.main, ["ink"], INK),
    "train evaluate": Command(train.cli.main, ["evaluate"], ["m.keras"]),
    "train digits": Command(train.cli.main, ["digits"], ["m.keras"]),
    "train export": Command(train.cli.main, ["export"], ["m.keras"]),
}

COUNT = ["x", "", "-1", "0", "1.5", "9" * 30, "9" * 5000]
LIMIT = ["x", "", "-1", "1.5", "101%", "1 %", "9" * 30]
#: an option, alone or of one command -> what it does not take
WRONG = {
    "--max-pixels": COUNT,
    "--batch-size": COUNT,
    "--workers": COUNT,
    "--image-timeout": ["x", "", "-1", "0", "nan"],
    "--review-below": ["x", "", "-1", "95%", "1.01", "nan"],
    "--max-failures": LIMIT,
    "--max-review": LIMIT,
    "--max-gone": LIMIT,
    "--max-error": [*LIMIT, "0%", "100%", "3"],
    "--min-accuracy": ["x", "", "-1", "0", "99", "99%"],
    "--max-drift": ["x", "", "-1", "0", "nan"],
    "--shard": ["x", "", "3", "3/3", "-1/3"],
    "--preprocess": ["x", ""],
    "--polarity": ["x", ""],
    "--runtime": ["x", ""],
    "--engine": ["x", ""],
    "--exclude": ["", "/"],
    "--decisions": ["", "a\0b"],
    "--metrics-file": ["x", "", "a\0b.prom"],
    "--label-pattern": ["x", "", "("],
    "--labels": ["a\0b"],
    "--files-from": ["", "a\0b"],
    "--baseline": ["", "a\0b"],
    "--save-prepared": ["", "a\0b"],
    "--ray-address": ["", "a\0b"],
    "--model": ["a\0b"],
    "run --audit": ["", "a\0b"],
    "report --audit": ["400"],
    "report --sample": ["x", "", "0", "-1", "9" * 5000],
    "review --audit": [*COUNT, "out.audit.csv"],
    "review --port": ["x", "", "-1", "65536"],
    "--seed": ["x", "", "-1", "9" * 30],
    "--output": ["x", "", "m.onnx"],
    "--network": ["x", ""],
    "--epochs": COUNT,
    "--steps": COUNT,
    "--kept": ["x", "", "-1", "9" * 30],
    "--batch": COUNT,
    "--seconds": ["x", "", "-1", "0", "nan", "inf"],
    "--readings": ["x", "", "-1", "0", "nan"],
    "--memory": ["x", "", "-1", "0", "nan"],
    "--share": ["x", "", "-1", "0", "nan"],
}
#: files and folders that are named: what is said of one that is not there names it
NAMES = {
    *("report --labels", "report --compare", "review --in-dir", "review --groups"),
    *("--init", "--data", "--mnist", "--rendered", "--ink", "--start", "--teacher", "--pool"),
    *("--judges", "--folder", "--errors", "train tune --labels", "train tune --groups"),
}


class Caught(BaseException):
    """Nothing that a command handles."""


def parser_of(command: Command) -> argparse.ArgumentParser:
    found: list[argparse.ArgumentParser] = []

    def catch(self: argparse.ArgumentParser, *_: object) -> None:
        found.append(self)
        raise Caught

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(argparse.ArgumentParser, "parse_known_args", catch)
        with pytest.raises(Caught):
            command.main([*command.name, *command.needed])
    return found[0]


def options() -> Iterator[tuple[str, str, int]]:
    """Every option that takes a value: its command, its name, how many values."""
    for name, command in COMMANDS.items():
        for action in parser_of(command)._actions:
            if action.option_strings and action.nargs != 0:
                yield (
                    *(name, action.option_strings[-1]),
                    action.nargs if isinstance(action.nargs, int) else 1,
                )


OPTIONS = list(options())


def listed(command: str, option: str) -> str:
    """Under which name the tables have an option: that of one command goes first."""
    whole = f"{command} {option}"
    return whole if whole in WRONG or whole in NAMES else option


def exit_code(main: Callable[[list[str]], int], arguments: list[str]) -> object:
    try:
        return main(arguments)
    except SystemExit as left:  # by argparse itself
        return left.code


def test_every_option_is_in_one_of_the_tables() -> None:
    found = {listed(command, option) for command, option, _ in OPTIONS}
    assert found == NAMES | set(WRONG)
    assert not NAMES & set(WRONG)


@pytest.mark.parametrize(
    ("command", "option", "count"),
    [
        pytest.param(*each, id=f"{each[0]} {each[1]}")
        for each in OPTIONS
        if listed(each[0], each[1]) in WRONG
    ],
)
def test_a_wrong_value_is_told_with_its_option(
    command: str, option: str, count: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    main, name, needed = COMMANDS[command]
    arguments = [str(tmp_path / "out.csv") if each == "OUT" else each for each in needed]
    for value in WRONG[listed(command, option)]:
        said = [f"{option}={value}"] if count == 1 else [option, value, *["x"] * (count - 1)]
        code = exit_code(main, [*name, *arguments, *said])
        line = capfd.readouterr().err.splitlines()[-1]
        words = f"argument {option}: (must .+, received .+|invalid choice: .+)"
        assert (code, bool(re.search(words, line))) == (2, True), (value[:50], line)
    assert list(tmp_path.iterdir()) == []
