"""For programs and notebooks: the job, and predictions of pictures that are at hand.

Importing this costs nothing: what is heavy is imported when it is needed.
"""

import itertools
import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from batch_predict.in_memory import Image
    from batch_predict.options import Options


class Prediction(NamedTuple):
    """What one picture shows, as a row of the CSV says it."""

    label: int | None  # 0 to 9; None where there is no prediction
    confidence: float | None  # calibrated probability of `label`
    status: str  # "ok", "review", "blank" or "failed"
    reason: str  # empty, or what happened: `code: a few words`, joined by `; `
    probabilities: tuple[float, ...] | None  # of the digits 0 to 9


def score(
    in_dir: str | os.PathLike[str], out: str | os.PathLike[str], **options: object
) -> dict[str, Any]:
    """Score the folder `in_dir` into the file `out`, as `python -m batch_predict in_dir out` does.

    `options` are those of the command line, written as names: `max_failures="1%"`,
    `incremental=True`. Nothing is printed but warnings, unless `quiet=False`. Returns the manifest
    as `out.run.json` holds it: `exit_code` (0, 4 or 5), `counts`, `drift`, with ground truth
    `accuracy`, and so on.

    Raises:
        BatchPredictError: what ends the command line with 2, 3 or 6 to 9; no output was touched.
        errors.Stopped: SIGINT, SIGTERM or SIGHUP came; the same call goes on from there.
    """
    from batch_predict.job import complete
    from batch_predict.manifest.manifest import as_written

    return as_written(complete(_options(in_dir, out, {"quiet": True, **options})))


def predict(
    images: "Iterable[Image]",
    *,
    model: str = "digits",
    runtime: str = "keras",
    preprocess: str = "auto",
    polarity: str = "auto",
) -> list[Prediction]:
    """What each of `images` shows, in their order.

    A picture is its path or address, or its pixels, uint8: (h, w) grey, (h, w, 3) RGB or (h, w, 4)
    RGBA; so an array (n, h, w) is n pictures. One that can't be read, in whatever way, costs no
    more than a prediction that says so. The keywords are as on the command line.

    Raises:
        UsageError: a keyword has no such choice, or an address is of no known kind.
        ModelError: the model is missing, unsafe or of the wrong shape.
        MissingExtraError: an optional dependency is not installed.
    """
    from batch_predict.in_memory import rows_of

    keywords = {"model": model, "runtime": runtime, "preprocess": preprocess, "polarity": polarity}
    return [
        Prediction(row.label, row.confidence, str(row.status), row.reason, row.probabilities)
        for row in rows_of(list(images), _options("", "", keywords))
    ]


def _options(
    in_dir: str | os.PathLike[str], out: str | os.PathLike[str], given: Mapping[str, object]
) -> "Options":
    from batch_predict.cli import parse

    flags = itertools.starmap(_flag, given.items())
    return parse([*filter(None, flags), "--", os.fspath(in_dir), os.fspath(out)])


def _flag(name: str, value: object) -> str | None:
    if value is None or value is False:
        return None
    flag = f"--{name.replace('_', '-')}"
    return flag if value is True else f"{flag}={value}"
