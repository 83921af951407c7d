"""`out.run.json`: what a run was asked, what it used, and what came of it."""

import json
import platform
import shlex
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

from batch_predict.drift import Baseline, drift
from batch_predict.errors import InputError
from batch_predict.manifest.clock import Clock
from batch_predict.manifest.run_counts import Outcome
from batch_predict.manifest.versions import versions
from batch_predict.options import Options
from batch_predict.records import Status
from batch_predict.runtimes.model_file import ModelFile
from batch_predict.storage.output_paths import manifest_file, report_files
from batch_predict.storage.staging import sha256
from batch_predict.truth import Truth

VERSION: Final = 1  # of the manifest's form
#: what a report is made of, and the options that it does not show
_OF_REPORT: Final = (
    *("csv_sha256", "model", "versions"),
    *("truth_source", "truth_sha256", "truth_findings"),
)
_NOT_OF_REPORT: Final = frozenset({"quiet", "verbose", "workers", "metrics_file"})
#: what a manifest says of its report
_REPORTED: Final = ("accuracy", "accuracy_interval", "with_truth", "report_sha256")


def build(
    options: Options,
    model: ModelFile,
    truth: Truth,
    left_out: Mapping[str, int],
    walked: int,
    kept: int,
) -> dict[str, Any]:
    """What was asked and used, what was left out, and how many rows are of an earlier run."""
    return {
        "manifest_version": VERSION,
        "in_dir": options.in_dir,
        "output": options.output,
        "command": shlex.join(sys.orig_argv),
        "arguments": vars(options),
        "model": {
            "path": model.path,
            "sha256": model.sha256,
            "has_card": model.card is not None,
            "review_below": model.review_below,
        },
        "host": platform.node(),
        "versions": versions(),
        **truth.said(),
        "walked": walked,  # pictures of all shards
        "left_out": dict(sorted(left_out.items())),
        "kept": kept,
    }


def came_of(outcome: Outcome, baseline: Baseline | None) -> dict[str, Any]:
    """What came of the pictures, and how far that is from the baseline."""
    return {
        "found": outcome.found,
        "counts": {str(status): outcome.counts[status] for status in Status},
        "reasons": {
            str(status): {code: n for (s, code), n in sorted(outcome.codes.items()) if s is status}
            for status in Status
        },
        "review_share": round(outcome.counts[Status.REVIEW] / max(outcome.found, 1), 6),
        "profile": outcome.profile._asdict(),
        "drift": drift(outcome.profile, baseline)._asdict() if baseline else None,
    }


def sign(csv_path: str, clock: Clock, scored: int) -> dict[str, Any]:
    """The hash of the finished CSV at `csv_path`, the times, in UTC, and the speed."""
    elapsed_s = clock.elapsed_s
    return {
        "csv_sha256": sha256(csv_path),
        "started": clock.started.isoformat(timespec="seconds"),
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        "duration_s": elapsed_s,
        "pictures_per_s": round(scored / elapsed_s, 1),
    }


def reported(csv_path: str, about: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the manifest beside the old CSV says of its report.

    None where that is not what lies there, or `about` would get another one.
    """
    try:
        old = read(csv_path)
        there = [sha256(path) for path in report_files(csv_path)]
    except (InputError, OSError):
        return None
    same = _of_report(old) == _of_report(as_written(about)) and old.get("report_sha256") == there
    return {name: old[name] for name in _REPORTED} if same else None


def _of_report(about: Mapping[str, Any]) -> list[Any]:
    arguments = {k: v for k, v in about.get("arguments", {}).items() if k not in _NOT_OF_REPORT}
    return [arguments, *(about.get(name) for name in _OF_REPORT)]


def read(csv_path: str) -> dict[str, Any]:
    """The manifest beside the CSV at `csv_path`; where there is none, only its `csv_sha256`.

    Raises:
        InputError: the CSV can't be read, or the manifest can't or belongs to another CSV.
    """
    path = manifest_file(csv_path)
    try:
        found = {"csv_sha256": sha256(csv_path)}
        with suppress(FileNotFoundError), open(path, encoding="utf-8") as file:
            about: dict[str, Any] = json.load(file)
            if about["csv_sha256"] == found["csv_sha256"]:
                return about
            raise InputError(f"{path} belongs to another CSV; remove it to go on without it")
    except OSError as error:
        raise InputError(f"can't read {error.filename}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is no manifest; remove it to go on without it") from error
    return found


def write(manifest: Mapping[str, Any], path: str) -> None:
    """Write `manifest` as JSON; raises OSError where it can't."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump(manifest, file, indent=2, default=str)
        file.write("\n")


def as_written(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """`manifest` as who reads the file gets it."""
    read: dict[str, Any] = json.loads(json.dumps(manifest, default=str))
    return read
