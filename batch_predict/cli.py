"""The command line of a run: argv -> Options."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Final

from batch_predict import __version__
from batch_predict.cli_common import GATES, Arguments, Parser, guard
from batch_predict.errors import UsageError
from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.options import Options
from batch_predict.shard import Shard
from batch_predict.tables import WRITERS


def _one_of(kind: type[StrEnum]) -> Callable[[str], StrEnum]:
    def read(text: str) -> StrEnum:
        if text not in list(kind):
            known = ", ".join(kind)
            raise UsageError(f"{kind.__name__.lower()} is one of {known}, received {text!r}")
        return kind(text)

    return read


_READ: Final[Arguments] = {
    "in_dir": ("the folder of pictures, walked to the bottom", str),
    "--labels FILE": ("ground truth: a CSV with path and label", str),
    "--label-pattern REGEX": ("ground truth: its group `label`, over the path", str),
    "--all-files": ("every file, whatever its name; content decides", bool),
    "--follow-links": ("into linked folders too, each once", bool),
    "--max-pixels N": ("refuse larger pictures (default: 50000000)", int),
    "--shard K/N": ("part K of N, from 0; batch_predict.merge joins them", Shard.parse),
    "--preprocess HOW": ("auto (default); mnist: always; plain: resize only", _one_of(Preprocess)),
    "--polarity INK": ("auto (default), dark-on-light or light-on-dark", _one_of(Polarity)),
}
_WRITE: Final[Arguments] = {
    "output out.csv": (f"{', '.join(WRITERS)}; replaced when all is done", str),
    "--probabilities": ("add the columns p0 to p9", bool),
    "--incremental": ("next time, score only what is new or has changed", bool),
    "--metrics-file X.prom": ("counts for node_exporter's textfile collector", str),
    "--save-prepared DIR": ("contact sheets: pictures and what the model saw", str),
    "--verbose": ("a line a minute where there is no terminal", bool),
    "--quiet": ("no summary line and no progress bar", bool),
}
_MODEL: Final[Arguments] = {
    "--model M": (".keras, .h5, or a shipped name (default: digits)", str),
    "--review-below P": ("review confidences below it, not the card's", float),
}
_RUN: Final[Arguments] = {
    "--runtime NAME": ("keras (default), onnx or openvino", str),
    "--batch-size N": ("pictures a batch (default: 256)", int),
    "--engine NAME": ("local (default) or ray", str),
    "--ray-address HOST:PORT": ("of a running Ray cluster (default: start one)", str),
    "--workers N": ("processes that prepare (default: one a core)", int),
    "--image-timeout SECONDS": ("give up on a picture after so long (default: 30)", float),
}


def build_parser() -> Parser:
    """The parser; its destinations are the fields of `Options`."""
    parser = Parser("batch_predict", "Score a folder of pictures of handwritten digits into a CSV.")
    parser.usage = "%(prog)s [options] in_dir out.csv"
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    parser.add("what to read", _READ)
    parser.add("what to write", _WRITE)
    parser.add("which model", _MODEL)
    parser.add("how to run", _RUN)
    parser.add("gates", GATES)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (without the program's name); returns the exit code."""
    return guard(lambda: _run(argv))


def _run(argv: Sequence[str] | None) -> int:
    options = parse(argv)
    from batch_predict.job import run

    return run(options)


def parse(argv: Sequence[str] | None) -> Options:
    """The options that the command line `argv` gives.

    Raises:
        UsageError: an option is unknown, or a value is not one it takes.
    """
    return Options(**build_parser().given(argv))
