"""A run's pictures, counted: by status, by the reasons of each status, and as a profile."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.drift.profile import Profile, profile_of, read_profile
from batch_predict.manifest.json_object import JsonObject
from batch_predict.pixel_hash import are_among
from batch_predict.records import DECIMALS, Status
from batch_predict.rows import NONE, STATUSES, Rows

MILLION: Final = 10**DECIMALS
_SUM: Final = "confidence_sum"


@dataclass(frozen=True)
class RunCounts:
    """How many pictures got which status, with which reasons, and what their answers look like."""

    by_status: Mapping[Status, int]  # of every status
    reasons: Mapping[Status, Mapping[str, int]]  # of every status: code -> pictures, by code
    profile: Profile
    # Pictures whose bytes are those of another that came before, of those that did not fail; None:
    # nobody looked, as in runs of 1.0.0, or it is a merged run, whose parts were looked at alone.
    exact_copies: int | None = None
    # The sum of the model's confidences over the pictures of `profile`: of each its millionths, as
    # the table writes it, so that parts come to the whole. None: of a manifest without it.
    confidence_millionths: int | None = None
    # Pictures that the model learned from, to the pixel, once prepared; None: it is not known.
    seen_in_training: int | None = None

    @property
    def found(self) -> int:
        """How many pictures there are."""
        return sum(self.by_status.values())

    @property
    def review_share(self) -> float:
        """The share of pictures that a person should look at, to 6 decimals; 0 where none are."""
        return round(self.by_status[Status.REVIEW] / max(self.found, 1), 6)

    def __add__(self, other: "RunCounts") -> "RunCounts":
        """The counts of both runs' pictures together."""
        return RunCounts(
            {each: self.by_status[each] + other.by_status[each] for each in Status},
            {each: _sum(self.reasons[each], other.reasons[each]) for each in Status},
            self.profile + other.profile,
            confidence_millionths=_both(self.confidence_millionths, other.confidence_millionths),
            seen_in_training=_both(self.seen_in_training, other.seen_in_training),
        )

    def to_json(self) -> dict[str, Any]:
        """The fields of a manifest that hold it."""
        known = {"exact_copies": self.exact_copies, "seen_in_training": self.seen_in_training}
        sum_ = self.confidence_millionths
        return {
            "found": self.found,
            **{name: count for name, count in known.items() if count is not None},
            "counts": {str(status): count for status, count in self.by_status.items()},
            "reasons": {str(status): dict(codes) for status, codes in self.reasons.items()},
            "review_share": self.review_share,
            "profile": self.profile._asdict(),
            **({} if sum_ is None else {_SUM: sum_ / MILLION}),
        }

    @classmethod
    def from_json(cls, manifest: JsonObject) -> "RunCounts":
        """What `to_json` wrote; raises ValueError for anything else."""
        counts, reasons = manifest.child("counts"), manifest.child("reasons")
        found = cls(
            {each: 0 if _is_new(each, counts) else counts.count(each) for each in Status},
            {each: {} if _is_new(each, reasons) else reasons.counts(each) for each in Status},
            _profile(manifest),
            manifest.given(manifest.count, "exact_copies"),
            round(manifest.number(_SUM) * MILLION) if _SUM in manifest else None,
            manifest.given(manifest.count, "seen_in_training"),
        )
        if manifest.count("found") != found.found:
            raise manifest.error("found", f"{found.found}, to which its counts come")
        manifest.number("review_share")  # it follows from the counts
        return found


class RowCounter:
    """Counts the rows that pass on their way to the writer.

    `training_digits` are pixel hashes of what the model learned from, sorted; None: not known.
    """

    def __init__(self, training_digits: NDArray[np.int64] | None = None) -> None:
        self._training_digits = training_digits
        self._seen = 0
        self._statuses: Counter[Status] = Counter()
        self._codes: Counter[tuple[Status, str]] = Counter()
        self._profile = profile_of([], [], [])
        self._contents: list[NDArray[np.uint64]] = []
        self._confidence_millionths = 0

    def pass_through(self, rows: Iterable[Rows]) -> Iterator[Rows]:
        """`rows`, which are counted."""
        for some in rows:
            yield some
            answers = some.answers
            counts = np.bincount(answers["status"], minlength=len(STATUSES)).tolist()
            self._statuses.update(dict(zip(STATUSES, counts, strict=True)))
            for status, reasons in zip(answers["status"].tolist(), some.reasons, strict=True):
                for reason in reasons:
                    self._codes[STATUSES[status], reason.code] += 1
            labels, confidences = some.of_model()
            said = labels != NONE
            self._profile += profile_of(labels[said], confidences[said], answers["ink"][said])
            self._contents.append(_contents(some))
            self._confidence_millionths += int(np.rint(confidences[said] * MILLION).sum())
            if self._training_digits is not None:
                found = are_among(answers["pixel_hash"], self._training_digits)
                self._seen += int(np.count_nonzero(found))

    def counts(self) -> RunCounts:
        """The counts of the rows so far."""
        return RunCounts(
            {status: self._statuses[status] for status in Status},
            {
                status: _sum({code: n for (of, code), n in self._codes.items() if of is status})
                for status in Status
            },
            self._profile,
            self._copies(),
            self._confidence_millionths,
            None if self._training_digits is None else self._seen,
        )

    def _copies(self) -> int:
        contents = np.sort(np.concatenate([np.empty(0, np.uint64), *self._contents]))
        return int(np.count_nonzero(contents[1:] == contents[:-1]))


def _contents(rows: Rows) -> NDArray[np.uint64]:
    """The first 64 bits of the content of each of `rows` that did not fail, as far as it is known.

    Of a million pictures they are 8 MB, and two different ones have the same by a chance of 3e-8.
    """
    is_failed = (rows.answers["status"] == STATUSES.index(Status.FAILED)).tolist()
    contents = [
        ref.content_sha256 for ref, failed in zip(rows.refs, is_failed, strict=True) if not failed
    ]
    whole = b"".join(content for content in contents if content is not None)
    return np.frombuffer(whole, np.uint64).reshape(-1, 4)[:, 0]


def _both(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _sum(*parts: Mapping[str, int]) -> dict[str, int]:
    """The counts of all `parts` by code, in the codes' alphabetical order."""
    whole: Counter[str] = Counter()
    for codes in parts:
        whole.update(codes)
    return {str(code): count for code, count in sorted(whole.items())}


def _is_new(status: Status, form: JsonObject) -> bool:
    """Whether `form` lacks `status` because nobody could decide when it was written."""
    return status is Status.DECIDED and status not in form


def _profile(manifest: JsonObject) -> Profile:
    try:
        return read_profile(manifest.value("profile"))
    except ValueError as error:
        raise ValueError(f"profile is no profile of this version: {error}") from error
