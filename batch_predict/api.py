"""For programs and notebooks: the job, and predictions of pictures in memory.

Importing this costs nothing: what is heavy is imported when it is needed.
"""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, TypedDict, Unpack

if TYPE_CHECKING:
    from batch_predict.in_memory import Image
    from batch_predict.normalize.modes import Polarity, Preprocess
    from batch_predict.option_values import Limit
    from batch_predict.shard import Shard

_Path: TypeAlias = str | os.PathLike[str]
_Preprocess: TypeAlias = "Preprocess | Literal['auto', 'mnist', 'plain']"
_Polarity: TypeAlias = "Polarity | Literal['auto', 'dark-on-light', 'light-on-dark']"


class ScoreOptions(TypedDict, total=False):
    """The keywords of `score`: the options of the command line. None is as not said."""

    labels: _Path | None
    label_pattern: str | None
    no_labels: bool
    decisions: _Path | Iterable[_Path] | None  # besides the file beside the output
    all_files: bool
    archives: bool
    files_from: _Path | None  # a list of files, or an inventory
    null: bool  # each path of that list ends in a NUL
    follow_links: bool
    exclude: str | Iterable[str] | None  # globs
    max_pixels: int | None
    shard: "Shard | str | None"  # "0/16"
    preprocess: "_Preprocess | None"
    polarity: "_Polarity | None"
    probabilities: bool
    incremental: bool
    metrics_file: _Path | None
    save_prepared: _Path | None
    overwrite: bool
    verbose: bool
    quiet: bool
    model: _Path | None
    review_below: float | None
    runtime: str | None
    batch_size: int | None
    engine: str | None
    ray_address: str | None
    workers: int | None
    image_timeout: float | None
    max_failures: "Limit | str | int | None"  # "1%", or a number of pictures
    min_accuracy: float | None
    max_drift: float | None
    baseline: _Path | None
    max_review: "Limit | str | int | None"
    max_error: "Limit | str | None"  # "0.1%"
    audit: _Path | None
    max_gone: "Limit | str | int | None"


class Prediction(NamedTuple):
    """What one picture shows, as a row of the CSV says it."""

    label: int | None  # 0 to 9; None where there is no prediction
    confidence: float | None  # calibrated probability of `label`
    status: str  # "ok", "review", "decided", "blank" or "failed"
    reason: str  # empty, or what happened: `code: a few words`, joined by `; `
    probabilities: tuple[float, ...] | None  # of the digits 0 to 9
    no_digit: float | None = None  # probability that there is no digit
    path: str | None = None  # of the picture; None where it was in memory


def score(in_dir: _Path, out: _Path, **options: Unpack[ScoreOptions]) -> dict[str, Any]:
    """Score the folder `in_dir` into the file `out`, as `python -m batch_predict in_dir out` does.

    `options` are those of the command line, written as names: `max_failures="1%"`,
    `incremental=True`. Nothing is printed unless `quiet=False`: warnings go to the logger
    `batch_predict`, and so do, at level INFO, failed pictures with their causes. Returns the
    manifest as `out.run.json` holds it: `exit_code` (0, 4 or 5), `counts`, `drift`, with ground
    truth `accuracy`, and so on.

    Raises:
        BatchPredictError: what ends the command line with 2, 3 or 6 to 9, or with 1 where the
            system gives no more threads; no output was touched.
        errors.Stopped: SIGINT, SIGTERM or SIGHUP came; the same call goes on from there.
    """
    from batch_predict.job import score_folder
    from batch_predict.options import options_from

    return score_folder(options_from(in_dir, out, {"quiet": True, **options})).to_json()


def predict(
    images: "Image | Iterable[Image]",
    *,
    model: _Path | None = None,
    runtime: str | None = None,
    preprocess: "_Preprocess | None" = None,
    polarity: "_Polarity | None" = None,
) -> list[Prediction]:
    """What each of `images` shows, in their order: always a list.

    A picture is its path or address, its pixels, an image of Pillow's, or what its file holds
    (bytes, or an open file). Pixels are uint8: (h, w) or (h, w, 1) grey, (h, w, 3) RGB, (h, w, 4)
    RGBA; an array with one axis more is n pictures. `images` is one picture, or several in a list,
    a generator or whatever can be iterated; or a folder, whose pictures are answered by path, as a
    run takes them. One that can't be read, in whatever way, costs no more than a prediction that
    says so. The keywords, and their defaults, are the command line's.

    Raises:
        UsageError: a keyword has no such choice, or `images` is neither a picture nor several.
        InputError: the folder can't be listed.
        ModelError: the model is missing, unsafe or of the wrong shape.
        OutputError: no folder takes temporary files.
        LimitError: the system gives no more threads.
        MissingExtraError: an optional dependency is not installed.
    """
    from batch_predict.in_memory import score_images
    from batch_predict.options import options_from
    from batch_predict.records import join_reasons

    keywords = {"model": model, "runtime": runtime, "preprocess": preprocess, "polarity": polarity}
    return [
        Prediction(
            row.label,
            row.confidence,
            str(row.status),
            join_reasons(row.reasons),
            row.probabilities,
            row.no_digit,
            path,
        )
        for row, path in score_images(images, options_from("", "", keywords))
    ]
