import json
import math
import os
from dataclasses import MISSING, fields
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from batch_predict.api import ScoreOptions
from batch_predict.cli import build_parser
from batch_predict.errors import UsageError
from batch_predict.manifest.json_object import JsonObject
from batch_predict.manifest.stored_options import options_from_json, options_to_json
from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.option_values import Globs, Limit
from batch_predict.options import Options, OwnProcessOptions, options_from
from batch_predict.shard import Shard


@pytest.mark.parametrize(
    ("said", "words"),
    [
        pytest.param({"batch_size": 0}, "batch_size must be at least 1, received 0", id="batch"),
        pytest.param({"batch_size": -1}, "at least 1, received -1", id="batch below 0"),
        pytest.param({"workers": 0}, "workers must be at least 1, received 0", id="workers"),
        pytest.param({"max_pixels": 0}, "max_pixels must be at least 1, received 0", id="pixels"),
        pytest.param({"image_timeout": 0.0}, "must be over 0 s, received 0", id="timeout"),
        pytest.param({"image_timeout": math.nan}, "over 0 s, received nan", id="timeout nan"),
        pytest.param({"review_below": 1.1}, "from 0 to 1, received 1.1", id="review"),
        pytest.param({"review_below": -0.1}, "from 0 to 1, received -0.1", id="review below 0"),
        pytest.param({"min_accuracy": 0.0}, "such as 0.99, received 0", id="accuracy"),
        pytest.param({"min_accuracy": 99.0}, "such as 0.99, received 99", id="percent"),
        pytest.param({"max_drift": 0.0}, "above 0 such as 0.2, received 0", id="drift"),
        pytest.param({"metrics_file": "m.txt"}, "must end in .prom, received m.txt", id="metrics"),
        pytest.param({"baseline": ""}, "earlier out.run.json, received nothing", id="baseline"),
        pytest.param({"save_prepared": ""}, "must be a folder, .*received nothing", id="sheets"),
        pytest.param({"ray_address": ""}, "HOST:PORT, received nothing", id="Ray address"),
        pytest.param(
            {"shard": Shard(0, 2), "min_accuracy": 0.9}, "give it to batch_predict.merge", id="part"
        ),
        pytest.param({"max_error": "0.1%"}, "--max-error and --audit go together", id="no audit"),
        pytest.param({"audit": "a.csv"}, "--max-error and --audit go together", id="audit alone"),
        pytest.param(
            {"max_error": "0.1%", "audit": "a.csv", "review_below": 0.5},
            "leave out --review-below",
            id="two thresholds",
        ),
        pytest.param(
            {"max_error": "0.1%", "audit": "a.csv", "shard": "0/2"},
            "a shard takes none",
            id="shard",
        ),
        pytest.param({"max_error": "3", "audit": "a"}, "such as 0.1%, received 3", id="no share"),
        pytest.param({"max_error": "0%", "audit": "a"}, "such as 0.1%, received 0%", id="0%"),
        pytest.param({"max_error": "100%", "audit": "a"}, "0.1%, received 100%", id="100%"),
        pytest.param({"audit": ""}, "out.audit.csv, received nothing", id="no name of an audit"),
    ],
)
def test_a_value_out_of_range(said: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Options("in", "out.csv", **said)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"batch_size": 1, "workers": 1, "max_pixels": 1}, id="ones"),
        pytest.param({"review_below": 0.0, "min_accuracy": 1.0}, id="one end"),
        pytest.param({"review_below": 1.0, "max_drift": 1e-9, "image_timeout": 1e-9}, id="other"),
    ],
)
def test_a_value_at_the_end_of_its_range(said: dict[str, Any]) -> None:
    assert vars(Options("in", "out.csv", **said)).items() >= said.items()


@pytest.mark.parametrize(
    ("name", "written", "value"),
    [
        pytest.param("preprocess", "plain", Preprocess.PLAIN, id="preprocess"),
        pytest.param("polarity", "light-on-dark", Polarity.LIGHT_ON_DARK, id="polarity"),
        pytest.param("shard", "3/16", Shard(3, 16), id="shard"),
        pytest.param("max_failures", "3", Limit(3), id="limit"),
        pytest.param("max_review", "100%", Limit(1, is_share=True), id="limit that is a share"),
        pytest.param("max_failures", 3, Limit(3), id="a number of pictures"),
        pytest.param("batch_size", "16", 16, id="whole number as text"),
        pytest.param("batch_size", np.int64(16), 16, id="NumPy's whole number"),
        pytest.param("image_timeout", 3, 3.0, id="whole seconds"),
        pytest.param("image_timeout", "2.5", 2.5, id="seconds as text"),
        pytest.param("min_accuracy", np.float32(0.5), 0.5, id="NumPy's number"),
        pytest.param("min_accuracy", Decimal("0.9"), 0.9, id="a decimal number"),
        pytest.param("labels", Path("a.csv"), "a.csv", id="path"),
        pytest.param("exclude", "*.x", Globs(("*.x",)), id="a glob"),
        pytest.param("exclude", ["a", "b/c"], Globs(("a", "b/c")), id="globs"),
        pytest.param("workers", None, None, id="None where there may be none"),
    ],
)
def test_a_value_becomes_one_of_its_fields_type(name: str, written: object, value: object) -> None:
    said: dict[str, Any] = {name: written}
    read = getattr(Options("in", "out.csv", **said), name)
    assert (type(read), read) == (type(value), value)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        pytest.param({"preprocess": "plane"}, "of auto, mnist, plain, received 'plane'", id="how"),
        pytest.param({"polarity": "up"}, "polarity must be one of auto, .*received 'up'", id="ink"),
        pytest.param({"polarity": True}, "one of auto, .*received True", id="flag for text"),
        pytest.param({"shard": "3/3"}, "shard must be K/N .*received '3/3'", id="shard"),
        pytest.param({"shard": (0, 3)}, r"K/N .*received \(0, 3\)", id="pair for a shard"),
        pytest.param({"max_failures": 0.01}, "such as 1%, received 0.01", id="limit"),
        pytest.param({"max_failures": -1}, "such as 1%, received -1", id="limit below 0"),
        pytest.param({"exclude": ""}, "exclude must be a glob .*received ''", id="empty glob"),
        pytest.param({"exclude": ["a", "/"]}, r"received \['a', '/'\]", id="glob of nothing"),
        pytest.param({"exclude": [1]}, r"received \[1\]", id="number for a glob"),
        pytest.param({"exclude": 1}, "exclude must be a glob such as .*received 1", id="no glob"),
        pytest.param({"batch_size": "x"}, "batch_size must be a whole number, rec", id="word"),
        pytest.param({"batch_size": 2.0}, "a whole number, received 2.0", id="fraction"),
        pytest.param({"workers": True}, "workers must be a whole number, received True", id="flag"),
        pytest.param({"batch_size": None}, "a whole number, received None", id="None"),
        pytest.param({"image_timeout": 10**400}, "must be a number, received 1000", id="huge"),
        pytest.param({"image_timeout": "soon"}, "must be a number, received 'soon'", id="time"),
        pytest.param({"labels": True}, "labels must be text, received True", id="flag for a file"),
        pytest.param(
            {"quiet": "no"}, "quiet must be True or False, received 'no'", id="text for a flag"
        ),
    ],
)
def test_a_value_that_is_none_of_its_option(said: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Options("in", "out.csv", **said)


HUGE = 10**5000  # Python writes no number of so many digits


@pytest.mark.parametrize(
    ("said", "words"),
    [
        pytest.param(
            {"batch_size": 10**20}, "size must be at most 65536, received 100", id="batch"
        ),
        pytest.param({"batch_size": HUGE}, "at most 65536, received a number of tho", id="batches"),
        pytest.param({"batch_size": "9" * 5000}, "must be a whole number, received '99", id="text"),
        pytest.param({"batch_size": -HUGE}, "at least 1, received a number of", id="below 0"),
        pytest.param({"workers": 10**9}, "workers must be at most 1024, received 10", id="workers"),
        pytest.param({"max_pixels": 10**400}, "pixels must be at most 9007", id="pixels"),
        pytest.param({"image_timeout": HUGE}, "timeout must be a number, received a", id="seconds"),
        pytest.param({"image_timeout": float("nan")}, "over 0 s, received nan", id="no seconds"),
        pytest.param({"max_failures": HUGE}, "such as 1%, received a number of", id="limit"),
        pytest.param({"max_failures": "9" * 99}, "at most 9007199254740992, rec", id="limits"),
        pytest.param({"max_review": Limit(HUGE)}, "max_review must be at most 9007", id="a Limit"),
        pytest.param({"max_review": Limit(-1)}, "max_review must be at most 9007", id="below none"),
        pytest.param({"max_review": f"0.{'9' * 5000}%"}, "such as 1%, received '0.99", id="share"),
        pytest.param({"shard": Shard(0, HUGE)}, "shard must be K/N", id="shards"),
        pytest.param({"shard": Shard(3, 3)}, "shard must be K/N .*received 3/3", id="a Shard"),
        pytest.param({"shard": Shard(-1, 3)}, "shard must be K/N", id="a Shard below 0"),
        pytest.param({"labels": "a\0b"}, r"can have, received 'a\\x00b'", id="NUL"),
        pytest.param({"model": "a\ud800"}, "model must hold no character", id="half a character"),
        pytest.param({"labels": Path("a\0b")}, "no name can have", id="NUL in a path"),
    ],
)
def test_a_value_beyond_all_bounds(said: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        Options("in", "out.csv", **said)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"batch_size": 65_536}, id="batch"),
        pytest.param({"max_pixels": 2**53}, id="pixels"),
        pytest.param({"image_timeout": "1e10"}, id="seconds"),
        pytest.param({"image_timeout": float("inf")}, id="no end"),
        pytest.param({"max_failures": 2**53}, id="limit"),
        pytest.param({"shard": Shard(999_999_997, 999_999_999)}, id="shard"),
        pytest.param({"max_drift": 1e308}, id="drift"),
        pytest.param({"labels": "a\udce9"}, id="a byte of a name"),
    ],
)
def test_what_a_run_takes_its_manifest_gives_back(said: dict[str, Any]) -> None:
    options = Options("in", "out.csv", **said)
    told = {"in_dir": "in", "output": "out.csv", "arguments": options_to_json(options)}
    assert options_from_json(JsonObject(json.loads(json.dumps(told)))) == options


def test_keywords_of_a_program_are_the_options_that_they_name() -> None:
    said = {"max_failures": "1%", "shard": "0/3", "workers": None, "batch_size": None}
    whole = Options("in", "out.csv", max_failures=Limit.parse("1%"), shard=Shard(0, 3))
    assert options_from(Path("in"), "out.csv", said) == whole


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("lables", "there is no option lables; did you mean labels[?]$", id="like one"),
        pytest.param("nonsense", "there is no option nonsense$", id="like none"),
        pytest.param("in_dir", "there is no option in_dir", id="an argument of its own"),
        pytest.param("own_process", "there is no option own_process", id="the command line's own"),
    ],
)
def test_a_keyword_that_names_no_option(name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        options_from("in", "out.csv", {name: None})


NO_OPTIONS = ("help", "version", "check")  # what is done instead of a run, not how one goes


def test_fields_keywords_and_the_command_lines_options_are_the_same() -> None:
    keywords = list(ScoreOptions.__annotations__)
    parser = build_parser()
    said = [action.dest for action in parser._actions if action.dest not in NO_OPTIONS]
    assert [each for each in said if each not in ("in_dir", "output")] == keywords
    assert sorted(said) == sorted(field.name for field in fields(Options))


def test_whose_the_process_is_is_no_option_that_a_manifest_tells() -> None:
    assert vars(OwnProcessOptions("in", "out.csv")) == vars(Options("in", "out.csv"))


def test_help_says_each_default() -> None:
    text = build_parser().format_help()
    silent = {None, False, Globs(), Limit(0)}  # Limit(0) is said below, as its number
    for field in fields(Options):
        if field.default is not MISSING and field.default not in silent:
            (line,) = [
                each
                for each in text.splitlines()
                if each.startswith(f"  --{field.name.replace('_', '-')} ")
            ]
            shown = field.default
            shown = f"{shown:g}" if isinstance(shown, float) else str(shown)
            assert f"(default: {shown})" in line or f"{shown} (default)" in line
    assert "exit 4 where more failed (default: 0)" in text


def test_what_a_run_may_write() -> None:
    options = Options("in", "to/out.csv", save_prepared="sheets", metrics_file="x.prom")
    assert {os.path.relpath(path) for path in options.outputs} == {
        *("to/out.csv", "to/out.csv.cache", "to/out.status.json"),
        *("x.prom", "to/out.run.json", "to/out.report.json", "to/out.report.html"),
        *(f"sheets/prepared-{number}.png" for number in range(1, 6)),
    }
