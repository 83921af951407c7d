"""The options of a run, checked before anything heavy is imported."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from batch_predict.errors import UsageError
from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.shard import Shard
from batch_predict.storage.output_paths import cache_file, manifest_file, report_files

SHEETS = range(1, 6)  # numbers of the contact sheets


@dataclass(frozen=True)
class Limit:
    """A number of pictures, or a share of them."""

    amount: int | Fraction  # exact: 29% of 100 are 29
    is_share: bool = False

    def __str__(self) -> str:
        return f"{float(self.amount * 100):g}%" if self.is_share else str(self.amount)

    @classmethod
    def parse(cls, text: str) -> "Limit":
        """`3` is three pictures, `1%` one in a hundred.

        Raises:
            UsageError: neither a whole number nor a percentage from 0 to 100.
        """
        if re.fullmatch(r"\d+", text):
            return cls(int(text))
        if (match := re.fullmatch(r"(\d+(?:\.\d+)?)%", text)) and Fraction(match[1]) <= 100:
            return cls(Fraction(match[1]) / 100, is_share=True)
        raise UsageError(f"a limit is a number such as 3 or a share such as 1%, received {text!r}")

    def allows(self, count: int, total: int) -> bool:
        """Whether `count` of `total` is within the limit."""
        return count <= (self.amount * total if self.is_share else self.amount)


#: options that take some values only: which, and how that is said
_VALUES: Final[tuple[tuple[str, Callable[[Any], bool], str], ...]] = (
    ("batch_size", lambda n: n >= 1, "batch size must be at least 1"),
    ("workers", lambda n: n >= 1, "workers must be at least 1"),
    ("max_pixels", lambda n: n >= 1, "max pixels must be at least 1"),
    ("image_timeout", lambda s: s > 0, "image timeout must be over 0 s"),
    ("min_accuracy", lambda p: 0 < p <= 1, "minimum accuracy is a fraction such as 0.99"),
    ("review_below", lambda p: 0 <= p <= 1, "review threshold is a confidence from 0 to 1"),
    ("max_drift", lambda x: x > 0, "maximum drift is an index above 0 such as 0.2"),
    ("metrics_file", lambda path: path.endswith(".prom"), "a metrics file ends in .prom"),
)


@dataclass(frozen=True)
class Options:
    """What the command line says.

    Raises:
        UsageError: a value is out of its range.
    """

    in_dir: str
    output: str
    model: str = "digits"
    review_below: float | None = None  # a confidence; None: as the model's card says
    runtime: str = "keras"
    engine: str = "local"
    batch_size: int = 256  # pictures: what they make of memory stays near the processor
    workers: int | None = None  # processes that prepare; None: one a core
    ray_address: str | None = None  # of a running cluster; None: this machine
    image_timeout: float = 30.0  # seconds that reading and preparing one picture may take
    max_pixels: int = 50_000_000  # a larger picture is refused
    all_files: bool = False  # whatever their names
    follow_links: bool = False  # to folders; linked files are always read
    preprocess: Preprocess = Preprocess.AUTO
    polarity: Polarity = Polarity.AUTO
    shard: Shard | None = None
    probabilities: bool = False
    labels: str | None = None
    label_pattern: str | None = None  # a regular expression with a group `label`, over the path
    max_failures: Limit = Limit(0)
    min_accuracy: float | None = None  # for the lower end of the 95% interval
    max_drift: float | None = None  # population stability index
    max_review: Limit | None = None
    baseline: str | None = None  # an earlier run's manifest, to measure drift from
    metrics_file: str | None = None
    save_prepared: str | None = None  # a folder for contact sheets
    incremental: bool = False
    verbose: bool = False
    quiet: bool = False

    def __post_init__(self) -> None:
        for name, fits, words in _VALUES:
            value = getattr(self, name)
            if value is not None and not fits(value):
                shown = f"{value:g}" if isinstance(value, float) else value
                raise UsageError(f"{words}, received {shown}")
        if self.shard is not None and self.min_accuracy is not None:
            raise UsageError("--min-accuracy is for the whole: give it to batch_predict.merge")

    @property
    def outputs(self) -> frozenset[str]:
        """The addresses of everything a run may write, so that the walk leaves it out."""
        out = self.output
        beside = (cache_file(out), manifest_file(out), *report_files(out), *self.sheets)
        return frozenset(filter(None, (out, self.metrics_file, *beside)))

    @property
    def sheets(self) -> tuple[str, ...]:
        """The addresses of the contact sheets that `--save-prepared` may write."""
        if self.save_prepared is None:
            return ()
        return tuple(os.path.join(self.save_prepared, f"prepared-{n}.png") for n in SHEETS)
