"""Decisions on rows: by the content of their files alone, so that none is for other bytes."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Final, NamedTuple

import numpy as np

from batch_predict.decisions.decision import Decided, Decision, in_order
from batch_predict.decisions.decisions_file import DecisionsFile, read_decisions
from batch_predict.errors import UsageError, printable
from batch_predict.records import Status
from batch_predict.rows import NONE, STATUSES, Rows
from batch_predict.shard import Shard
from batch_predict.tables.times import time_text

_LOGGER: Final = logging.getLogger(__name__)
CLOCKS_DIFFER_BY: Final = timedelta(days=1)  # of a laptop in another zone, set by hand
_DECIDED: Final = STATUSES.index(Status.DECIDED)


class Latest(NamedTuple):
    """What counts of all that was decided on one content."""

    decided: Decided
    is_disputed: bool  # whether an earlier decision says something else


@dataclass(frozen=True)
class Decisions:
    """All that a run goes by of what was decided."""

    files: tuple[DecisionsFile, ...]
    latest: Mapping[bytes, Latest]  # by the sha256 of a file's bytes, 32 bytes

    @classmethod
    def of(cls, files: Iterable[DecisionsFile]) -> "Decisions":
        """Those of `files`, in their order; see `in_order` for which of several counts."""
        files = tuple(files)
        latest: dict[bytes, Latest] = {}
        rows = (row for file in files for row in file.rows)
        for decided in in_order(rows):
            content = bytes.fromhex(decided.content)
            before = latest.get(content)
            is_disputed = before is not None and (
                before.is_disputed or before.decided.decision is not decided.decision
            )
            latest[content] = Latest(decided, is_disputed)
        return cls(files, latest)

    @property
    def paths(self) -> frozenset[str]:
        """Where the pictures lay that were decided on."""
        return frozenset(each.decided.path for each in self.latest.values())


def find_decisions(beside: str, named: Sequence[str]) -> Decisions | None:
    """What was decided in the file `beside` the output, if it is there, and in those `named`.

    None where there is no file at all.

    Raises:
        UsageError: one is broken, or one that is named is not there.
    """
    files = {address: read_decisions(address) for address in (beside, *named)}
    for address in named:
        if files[address] is None:
            raise UsageError(f"the decisions in {address} can't be read: there is no such file")
    found = [file for file in files.values() if file is not None]
    for file in found:
        _warn_of_the_future(file)
    return Decisions.of(found) if found else None


def _warn_of_the_future(file: DecisionsFile) -> None:
    """A time that is still to come, as by a clock that was wrong, counts before all until then."""
    end = time_text(datetime.now(UTC) + CLOCKS_DIFFER_BY)
    ahead = [each for each in file.rows if each.decided_at > end]
    if ahead:
        more = f"; so have {len(ahead) - 1} more" if len(ahead) > 1 else ""
        _LOGGER.warning(
            "%s: the decision on %s has the time %s, which is still to come, and counts before all"
            " that are made until then: mend it%s",
            *(file.address, printable(ahead[0].path), ahead[0].decided_at, more),
        )


def apply(decisions: Decisions, rows: Rows) -> Rows:
    """`rows` with what was decided on them in place of what the model said, which stays beside it.

    It is done to rows as the table takes them, so that a new decision scores nothing anew.
    """
    answers = rows.answers.copy()
    answers["model_label"], answers["model_confidence"] = rows.of_model()
    reasons = list(rows.reasons)
    for index, latest in _on(decisions, rows):
        decision = latest.decided.decision
        answers["status"][index] = _DECIDED
        answers["label"][index] = NONE if decision.digit is None else decision.digit
        answers["confidence"][index] = np.nan
        reasons[index] = decision.reasons
    return replace(rows, answers=answers, reasons=reasons)


class Moved(NamedTuple):
    """What a shard alone can't tell of pictures that moved: contents, in hexadecimal."""

    gone: tuple[str, ...]  # of decisions whose pictures are not where they lay, in this shard
    come: tuple[str, ...]  # of pictures decided on here that lay where another shard looks


class DecisionCounts(NamedTuple):
    """What became of a run's decisions."""

    by_decision: Mapping[Decision, int]  # pictures, of every decision
    disputed: int  # pictures on which an earlier decision says something else
    unfit: int  # decisions on a content that no picture has any more
    moved: Moved | None = None  # of a shard

    @classmethod
    def sum_of(cls, parts: Sequence["DecisionCounts"]) -> "DecisionCounts":
        """Those of a run whose shards have `parts`; where one has no `moved`, numbers are added."""
        moved = [part.moved for part in parts if part.moved is not None]
        unfit = sum(part.unfit for part in parts)
        if len(moved) == len(parts):
            gone, come = (set(chain.from_iterable(each)) for each in zip(*moved, strict=True))
            unfit = len(gone - come)
        return cls(
            {each: sum(part.by_decision[each] for part in parts) for each in Decision},
            sum(part.disputed for part in parts),
            unfit,
        )


class DecisionCounter:
    """Counts the rows that pass on their way to the writer by what was decided on them."""

    def __init__(self, decisions: Decisions) -> None:
        self._decisions = decisions
        self._by_decision = dict.fromkeys(Decision, 0)
        self._disputed = 0
        self._contents: set[bytes] = set()
        self._paths: set[str] = set()

    def pass_through(self, rows: Iterable[Rows]) -> Iterator[Rows]:
        """`rows`, which are counted."""
        for some in rows:
            yield some
            for index, latest in _on(self._decisions, some):
                self._by_decision[latest.decided.decision] += 1
                self._disputed += latest.is_disputed
                self._contents.add(bytes.fromhex(latest.decided.content))
                self._paths.add(some.refs[index].path)

    def counts(self, shard: Shard | None = None) -> DecisionCounts:
        """The counts of the rows so far, of all or of those of `shard`.

        A decision of a path that `shard` does not hold is another shard's; one whose picture was
        changed and decided anew is done with.
        """

        def is_elsewhere(latest: Latest) -> bool:
            return shard is not None and not shard.holds(latest.decided.path)

        gone = [
            content.hex()
            for content, latest in self._decisions.latest.items()
            if content not in self._contents
            and latest.decided.path not in self._paths
            and not is_elsewhere(latest)
        ]
        counts = DecisionCounts(self._by_decision, self._disputed, len(gone))
        if shard is None:
            return counts
        latest = self._decisions.latest
        come = [each.hex() for each in self._contents if is_elsewhere(latest[each])]
        return counts._replace(moved=Moved(tuple(sorted(gone)), tuple(sorted(come))))


def _on(decisions: Decisions, rows: Rows) -> Iterator[tuple[int, Latest]]:
    """Those of `rows` that were decided, by index."""
    latest = decisions.latest
    for index, ref in enumerate(rows.refs):
        if ref.content_sha256 is not None and (found := latest.get(ref.content_sha256)) is not None:
            yield index, found
