"""The options of a run, checked before anything heavy is imported."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from difflib import get_close_matches
from types import NoneType
from typing import Any, ClassVar, Final, get_args, get_type_hints

from batch_predict.errors import OptionError, UsageError
from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.option_values import LARGEST, Files, Globs, Limit, is_writable, read_value, shown
from batch_predict.shard import FORM, Shard
from batch_predict.storage.output_paths import (
    audit_files,
    audit_report_files,
    cache_file,
    decisions_file,
    manifest_file,
    report_files,
    review_page,
    status_file,
)

SHEETS = range(1, 6)  # numbers of the contact sheets
_NO_PICTURE: Final = Limit(0)
_NO_GLOBS: Final = Globs()
_NO_FILES: Final = Files()
_OF_A_PERSON: Final = (".decisions.csv", ".audit.csv")  # how names end of what no run writes
# Of one picture, after a JPEG's reduction: more than most scanners and telephones make. As RGB they
# are 150 MB, and decoding and normalizing need several times as much.
MAX_PIXELS: Final = 50_000_000
MAX_BATCH_SIZE: Final = 65_536  # pictures: with what a network makes of them, 10 GB and more
MAX_WORKERS: Final = 1024  # processes, of 100 MB each

#: an option, whether it takes a value, and the words for one that it does not take
_VALUES: Final[tuple[tuple[str, Callable[[Any], bool], str], ...]] = (
    ("batch_size", lambda n: n >= 1, "must be at least 1"),
    ("batch_size", lambda n: n <= MAX_BATCH_SIZE, f"must be at most {MAX_BATCH_SIZE}"),
    ("workers", lambda n: n >= 1, "must be at least 1"),
    ("workers", lambda n: n <= MAX_WORKERS, f"must be at most {MAX_WORKERS}"),
    ("max_pixels", lambda n: n >= 1, "must be at least 1"),
    ("max_pixels", lambda n: n <= LARGEST, f"must be at most {LARGEST}"),
    ("image_timeout", lambda s: s > 0, "must be over 0 s"),
    ("min_accuracy", lambda p: 0 < p <= 1, "must be a fraction such as 0.99"),
    ("review_below", lambda p: 0 <= p <= 1, "must be a confidence from 0 to 1"),
    (
        *("max_error", lambda limit: limit.is_share and 0 < limit.amount < 1),
        "must be a share over 0% and under 100% such as 0.1%",
    ),
    ("max_drift", lambda x: x > 0, "must be an index above 0 such as 0.2"),
    ("shard", Shard.is_one, f"must be {FORM}"),
    ("metrics_file", lambda path: path.endswith(".prom"), "must end in .prom"),
    (
        *("output", lambda path: not path.endswith(_OF_A_PERSON)),
        f"must not end in {' or '.join(_OF_A_PERSON)}, where what a person said is kept",
    ),
    # An empty name is a script's variable that nobody set: without it the run does something else.
    ("baseline", bool, "must be an earlier out.run.json"),
    ("audit", bool, "must be a file of answers such as out.audit.csv"),
    ("save_prepared", bool, "must be a folder, for contact sheets"),
    ("files_from", bool, "must be a file that names others, or - for standard input"),
    ("ray_address", bool, "must be HOST:PORT"),
)

#: options that do not go together, and the error for them
_TOGETHER: Final[tuple[tuple[Callable[[Any], bool], str], ...]] = (
    (
        lambda o: o.no_labels and (o.labels or o.label_pattern or o.min_accuracy),
        "--no-labels is for a run without ground truth: leave it out, or --labels, --label-pattern"
        " and --min-accuracy",
    ),
    (
        lambda o: o.max_gone is not None and not o.incremental,
        "--max-gone {max_gone} needs --incremental: without it no run is kept to compare with",
    ),
    (
        lambda o: o.max_gone is not None and o.files_from is not None,
        "--max-gone {max_gone} is for runs over all of in_dir: --files-from names a part of it, and"
        " what it does not name is not gone",
    ),
    (
        lambda o: o.shard is not None and o.files_from is not None and o.incremental,
        "--files-from with --incremental keeps the rest of the last answer, which a shard does not"
        " have: leave out --shard or --incremental",
    ),
    (
        lambda o: o.null and o.files_from is None,
        "--null tells how the paths of --files-from end: name that list, too",
    ),
    (
        lambda o: o.shard is not None and o.min_accuracy is not None,
        "--min-accuracy is for the whole: give it to batch_predict.merge",
    ),
    (
        lambda o: (o.max_error is None) is not (o.audit is None),
        "--max-error and --audit go together: what is promised rests on a person's answers",
    ),
    (
        lambda o: o.max_error is not None and o.review_below is not None,
        "--max-error takes the review threshold that it holds from: leave out --review-below",
    ),
    (
        lambda o: o.max_error is not None and o.shard is not None,
        "--max-error is for the whole: a shard takes none",
    ),
)


@dataclass(frozen=True)
class Options:
    """The options of a run: the command line's, or a program's keywords.

    A value may be of its field's type, or text as on the command line, which becomes one; a whole
    number will do for a `float` or a `Limit`, and an `os.PathLike` for text.

    Raises:
        OptionError: a value is not one that its option takes.
        UsageError: two options do not go together.
    """

    in_dir: str
    output: str
    model: str = "digits"
    review_below: float | None = None  # a confidence; None: as the model's card says
    runtime: str = "keras"
    engine: str = "local"
    batch_size: int = 256  # pictures: the memory that so many take stays in the processor's caches
    workers: int | None = None  # processes that prepare; None: one a core
    ray_address: str | None = None  # of a running cluster; None: this machine
    image_timeout: float = 30.0  # seconds that reading and preparing one picture may take
    max_pixels: int = MAX_PIXELS  # a larger picture is refused
    all_files: bool = False  # whatever their names
    archives: bool = False  # those in a folder are opened, too
    files_from: str | None = None  # a list of files or an inventory; `-` is standard input
    null: bool = False  # each path of that list ends in a NUL
    follow_links: bool = False  # to folders; linked files are always read
    exclude: Globs = _NO_GLOBS
    preprocess: Preprocess = Preprocess.AUTO
    polarity: Polarity = Polarity.AUTO
    shard: Shard | None = None
    probabilities: bool = False
    labels: str | None = None
    label_pattern: str | None = None  # a regular expression with a group `label`, over the path
    no_labels: bool = False  # no truth, whatever is there
    decisions: Files = _NO_FILES  # besides the one beside the output
    max_failures: Limit = _NO_PICTURE
    min_accuracy: float | None = None  # for the lower end of the 95% interval
    max_drift: float | None = None  # population stability index
    max_review: Limit | None = None
    max_error: Limit | None = None  # share of errors among `ok` rows that may be promised at most
    audit: str | None = None  # a person's answers, that `max_error` rests on
    max_gone: Limit | None = None  # of the last finished run's; None: half, if `incremental`
    baseline: str | None = None  # an earlier run's manifest, to measure drift from
    metrics_file: str | None = None
    save_prepared: str | None = None  # a folder for contact sheets
    overwrite: bool = False  # files that are no outputs of this program; an input never
    incremental: bool = False
    verbose: bool = False
    quiet: bool = False
    #: whether this process ends with the run, which may then change its state; no option of anyone
    own_process: ClassVar[bool] = False

    def __post_init__(self) -> None:
        for name, expected in TYPES.items():
            value = getattr(self, name)
            if value is not None or name not in _OPTIONAL:
                value = read_value(name, expected, value)
                object.__setattr__(self, name, value)
            if isinstance(value, str) and not is_writable(value):
                words = "must hold no character that no name can have"
                raise OptionError(name, f"{words}, received {shown(value, repr)}")
            if isinstance(value, Limit) and not 0 <= value.amount <= LARGEST:
                raise OptionError(name, f"must be at most {LARGEST}, received {shown(value)}")
        for name, fits, words in _VALUES:
            value = getattr(self, name)
            if value is not None and not fits(value):
                raise OptionError(name, f"{words}, received {shown(value) or 'nothing'}")
        for is_refused, words in _TOGETHER:
            if is_refused(self):
                raise UsageError(words.format(**vars(self)))

    @property
    def outputs(self) -> frozenset[str]:
        """The addresses of everything a run may write."""
        out = self.output
        beside = (cache_file(out), manifest_file(out), *report_files(out), status_file(out))
        return frozenset(filter(None, (out, self.metrics_file, *beside, *self.sheets)))

    @property
    def own_files(self) -> frozenset[str]:
        """The addresses of what is no picture to score: the outputs, and what is for a person."""
        out = self.output
        said = (decisions_file(out), *self.decisions, self.audit)
        shown = (review_page(out), *audit_files(out), *audit_report_files(out))
        return self.outputs.union(filter(None, (*said, *shown)))

    @property
    def sheets(self) -> tuple[str, ...]:
        """The addresses of the contact sheets that `--save-prepared` may write."""
        if self.save_prepared is None:
            return ()
        return tuple(os.path.join(self.save_prepared, f"prepared-{n}.png") for n in SHEETS)


@dataclass(frozen=True)
class OwnProcessOptions(Options):
    """The options of the command line's own run."""

    own_process: ClassVar[bool] = True


_HINTS: Final = {field.name: get_type_hints(Options)[field.name] for field in fields(Options)}
_OPTIONAL: Final = frozenset(name for name, hint in _HINTS.items() if NoneType in get_args(hint))
#: an option's name -> the type of its value, but for None
TYPES: Final[Mapping[str, type]] = {
    name: next((each for each in get_args(hint) if each is not NoneType), hint)
    for name, hint in _HINTS.items()
}
#: an option's name -> what it is where it is not said; `in_dir` and `output` have none
DEFAULTS: Final[Mapping[str, object]] = {
    field.name: field.default for field in fields(Options) if field.default is not MISSING
}


def options_from(in_dir: object, output: object, keywords: Mapping[str, object]) -> Options:
    """The options that a program's `keywords` say; one that is None is as not said.

    Raises:
        UsageError: there is no such option, or a value is not one that it takes.
    """
    known = [name for name in TYPES if name not in ("in_dir", "output")]
    for name in keywords:
        if name not in known:
            similar = closest(name, known)
            hint = f"; did you mean {similar}?" if similar else ""
            raise UsageError(f"there is no option {name}{hint}")
    said: dict[str, Any] = {name: each for name, each in keywords.items() if each is not None}
    return Options(**said, in_dir=in_dir, output=output)  # type: ignore[arg-type]  # it reads them


def closest(word: str, known: Iterable[str]) -> str | None:
    """The one of `known` that a mistyped `word` was meant to be; None where none is like it."""
    return next(iter(get_close_matches(word, known, n=1)), None)
