"""The command line of a run: argv -> Options."""

import gc
import os
from collections.abc import Sequence
from typing import Final

from batch_predict.cli_common import GATES, OVERWRITE, Descriptions, Parser, exit_code_of
from batch_predict.options import Options, OwnProcessOptions
from batch_predict.process.limits import check_threads
from batch_predict.process.log import show_details
from batch_predict.tables import WRITERS

_READ: Final[Descriptions] = {
    "in_dir": "a folder of pictures, an archive or one picture",
    "--labels FILE": "ground truth: a CSV with path and label",
    "--label-pattern REGEX": "ground truth: its group `label`, over the path",
    "--no-labels": "no ground truth, whatever folders are named",
    "--decisions FILE": "more than out.decisions.csv; repeatable",
    "--all-files": "every file, whatever its name; content decides",
    "--archives": "open the archives in the folder, too",
    "--files-from FILE": "only what this list or S3 Inventory names; -: stdin",
    "-0,--null": "paths in that list end in NUL, not in a newline",
    "--follow-links": "into linked folders too, each once",
    "--exclude GLOB": "no file or folder of this name or path; repeatable",
    "--max-pixels N": "refuse larger pictures (default: {default})",
    "--shard K/N": "part K of N, from 0; batch_predict.merge joins them",
    "--preprocess HOW": "{default} (default); mnist: always; plain: resize only",
    "--polarity INK": "{default} (default), dark-on-light or light-on-dark",
}
_WRITE: Final[Descriptions] = {
    "output out.csv": f"{', '.join(WRITERS)}; replaced at the end",
    "--probabilities": "add the columns p0 to p9 and no_digit",
    "--incremental": "next time, score only what is new or has changed",
    "--metrics-file X.prom": "counts for node_exporter's textfile collector",
    "--save-prepared DIR": "contact sheets: pictures and what the model saw",
    "--overwrite": OVERWRITE,
    "--verbose": "causes of errors and failures; a line a minute",
    "--quiet": "no summary line and no progress bar",
}
_MODEL: Final[Descriptions] = {
    "--model M": ".keras, .h5, or a shipped name (default: {default})",
    "--review-below P": "review confidences below it, not the card's",
}
_RUN: Final[Descriptions] = {
    "--runtime NAME": "{default} (default), onnx or openvino",
    "--batch-size N": "pictures a network sees at a time (default: {default})",
    "--engine NAME": "{default} (default) or ray",
    "--ray-address HOST:PORT": "of a running Ray cluster (default: start one)",
    "--workers N": "processes that prepare (default: one a core)",
    "--image-timeout SECONDS": "give up on a picture after so long (default: {default:g})",
}
#: no field of `Options`: what a run was asked and what a check would ask are the same
_CHECK: Final = "check"
_CHECK_WORDS: Final = "do all up to the first picture, write nothing"
_OF_RUNS: Final[Descriptions] = {
    "--max-error P%": "review by what holds so many errors among ok rows",
    "--audit FILE": "the answers that --max-error rests on",
    "--max-gone N|P%": "exit 5 where more of the last run's are gone (50%%)",
}


def build_parser() -> Parser:
    """The parser; its destinations are the fields of `Options`, and `check`."""
    parser = Parser("", "Score a folder of pictures of handwritten digits into a CSV.")
    parser.usage = "%(prog)s [options] in_dir out.csv"
    parser.add_argument(f"--{_CHECK}", action="store_true", help=_CHECK_WORDS)
    parser.add("what to read", _READ)
    parser.add("what to write", _WRITE)
    parser.add("which model", _MODEL)
    parser.add("how to run", _RUN)
    parser.add("gates", {**GATES, **_OF_RUNS})
    return parser


# New objects, of which one search for garbage looks through all: thousands of rows at a time are
# no garbage, and with Python's 700 these searches took a tenth of the main thread's time. What a
# picture makes goes without one, for it holds no circles.
_OBJECTS_A_COLLECTION: Final = 50_000


def main(argv: Sequence[str] | None = None, *, own_process: bool = False) -> int:
    """Run the command line `argv` (without the program's name); returns the exit code.

    `own_process`: the process ends with the run, so that the run may change its state.
    """
    options_type = OwnProcessOptions if own_process else Options
    return exit_code_of(lambda: _run(argv, options_type))


def _run(argv: Sequence[str] | None, options_type: type[Options]) -> int:
    said = vars(build_parser().read(argv))
    is_check = said.pop(_CHECK)
    options = options_type(**said)
    if options.verbose:
        show_details()
    if options.own_process:
        # NumPy's OpenBLAS starts one beside this for each core, and interrupts where it can't.
        check_threads(len(os.sched_getaffinity(0)) - 1, "NumPy")
        gc.set_threshold(_OBJECTS_A_COLLECTION)
    if is_check:
        from batch_predict.check import check

        return check(options)
    from batch_predict.job import run

    return run(options)
