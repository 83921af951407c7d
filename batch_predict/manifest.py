"""`out.run.json`: what a run was asked, what it used, and what came of it."""

import hashlib
import json
import platform
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from importlib import metadata
from typing import Any, Final

from batch_predict import __version__
from batch_predict.modelfile import ModelFile
from batch_predict.options import Options
from batch_predict.records import Status
from batch_predict.truth import Truth

VERSION: Final = 1  # of the manifest's form
#: what an answer depends on, by the names of their distributions
_LIBRARIES: Final = (
    *("keras", "tensorflow", "tensorflow-cpu"),
    *("numpy", "pillow", "opencv-python-headless"),
)


def build(
    options: Options,
    model: ModelFile,
    truth: Truth,
    counts: Mapping[Status, int],
    left_out: Mapping[str, int],
) -> dict[str, Any]:
    """What was asked and used, and what came of each picture."""
    return {
        "manifest_version": VERSION,
        "in_dir": options.in_dir,
        "output": options.output,
        "arguments": vars(options),
        "model": {
            "path": model.path,
            "sha256": model.sha256,
            "has_card": model.card is not None,
            "review_below": model.review_below,
        },
        "versions": {
            "batch_predict": __version__,
            "python": platform.python_version(),
            "platform": f"{sys.platform}-{platform.machine()}",
            **_library_versions(),
        },
        "truth_source": truth.source if truth.count else None,
        "found": sum(counts.values()),
        "counts": {str(status): count for status, count in counts.items()},
        "left_out": dict(sorted(left_out.items())),
    }


def sign(csv_path: str, started: datetime) -> dict[str, Any]:
    """The hash of the finished CSV at `csv_path`, and the times, in UTC."""
    ended = datetime.now(UTC)
    with open(csv_path, "rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "csv_sha256": sha256,
        "started": started.isoformat(timespec="seconds"),
        "ended": ended.isoformat(timespec="seconds"),
        "duration_s": round((ended - started).total_seconds(), 3),
    }


def write(manifest: Mapping[str, Any], path: str) -> None:
    """Write `manifest` as JSON; raises OSError where it can't."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump(manifest, file, indent=2, default=str)
        file.write("\n")


def _library_versions() -> dict[str, str]:
    versions = {}
    for name in _LIBRARIES:
        with suppress(metadata.PackageNotFoundError):
            versions[name] = metadata.version(name)
    return versions
