"""The outputs of a sharded run: are they the whole of it, and what do they come to together?"""

import logging
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import reduce
from operator import add
from typing import Final, NamedTuple

from batch_predict.checkpoint.fingerprint import fingerprint
from batch_predict.errors import InputError, UsageError, printable
from batch_predict.manifest.clock import Times
from batch_predict.manifest.decisions_used import DecisionsUsed
from batch_predict.manifest.read_write import read_manifest
from batch_predict.manifest.run_counts import RunCounts
from batch_predict.manifest.run_record import RunRecord, TruthUsed, WalkCounts
from batch_predict.plural import plural
from batch_predict.records import Row
from batch_predict.shard import Shard
from batch_predict.storage import fetched
from batch_predict.storage.output_paths import manifest_file
from batch_predict.tables.columns import Column, columns_of
from batch_predict.tables.csv_table import read_names, read_rows
from batch_predict.truth.findings import sum_findings
from batch_predict.truth.in_archive import IN_ARCHIVE

_LOGGER: Final = logging.getLogger(__name__)
_SHORTEST_S: Final = 1e-3  # seconds: the rate divides by it


class Part(NamedTuple):
    """One shard's CSV."""

    csv: str  # its address
    local: str  # where it can be read
    shard: Shard
    record: RunRecord


def read_part(csv: str, until: ExitStack) -> Part:
    """The part at `csv`, by the manifest beside it; it can be read `until` that ends.

    Raises:
        UsageError: it can't be read, has no manifest or another CSV's, or is of no shard.
    """
    if not csv.endswith(".csv"):
        raise UsageError(f"parts are CSVs (those in Parquet are a dataset as they are), not {csv}")
    try:
        beside = os.path.basename(manifest_file(csv))
        local = until.enter_context(fetched(csv, beside)) or csv
        _, manifest = read_manifest(local, mend="run this part again")
    except OSError as error:
        raise UsageError(f"can't read {csv}: {error.strerror}") from error
    except InputError as error:
        raise UsageError(str(error)) from error
    if manifest is None:
        raise UsageError(f"{csv} has no manifest beside it to say which shard it is")
    shard = manifest.record.options.shard
    if shard is None:
        raise UsageError(f"{csv} is no shard: its run was not made with --shard")
    return Part(csv, local, shard, manifest.record)


def check_whole(parts: Sequence[Part]) -> None:
    """Raises UsageError where `parts` are not all the shards of one run, each once.

    Parts of 1.0.0 do not say what was walked; that is a warning.
    """
    runs = [_of_run(part) for part in parts]
    (usual, _), *_ = Counter(tuple(sorted(run.items())) for run in runs).most_common(1)
    expected = dict(usual)
    for part, run in zip(parts, runs, strict=True):
        differing = sorted(k for k in expected | run if expected.get(k) != run.get(k))
        if differing:
            raise UsageError(f"{part.csv} is of another run: another {' and '.join(differing)}")
    _check_same_walk(parts)
    seen: dict[Shard, str] = {}
    for part in parts:
        if part.shard in seen:
            raise UsageError(f"{part.csv} is shard {part.shard}, and so is {seen[part.shard]}")
        seen[part.shard] = part.csv
    count = parts[0].shard.count
    missing = [str(s) for s in (Shard(i, count) for i in range(count)) if s not in seen]
    if missing:
        raise UsageError(f"shard {', '.join(missing)} is missing")
    found = sum(part.record.counts.found for part in parts)
    walked = sum_walks(parts).walked
    if found != walked:
        raise UsageError(
            f"the parts hold {found} of {plural(walked)}: the folder changed between their runs"
        )


def _check_same_walk(parts: Sequence[Part]) -> None:
    """Raises UsageError where the runs of `parts` did not find the same files, unchanged.

    Parts that were cut before they were listed do not tell; that is a warning, too. What the hash
    of one list was cut by is the same: `_of_run` has it.
    """
    cut = parts[0].record.walk.cut
    if cut is not None and cut.sha256 is not None:
        return
    if cut is not None:
        _LOGGER.warning(
            "each part listed its own share alone, by %s: whether all parts are of the same"
            " pictures is not known",
            cut.by,
        )
        return
    told = [part for part in parts if part.record.walk.sha256 is not None]
    if told:
        (usual, _), *_ = Counter(part.record.walk.sha256 for part in told).most_common(1)
        for part in told:
            if part.record.walk.sha256 != usual:
                raise UsageError(
                    f"{part.csv} is of another run: the folder held other pictures, or other"
                    " versions of them"
                )
    untold = [part.csv for part in parts if part.record.walk.sha256 is None]
    if untold:
        _LOGGER.warning(
            "made by version 1.0.0, which kept no record of which pictures the folder held: %s."
            " Whether all parts are of the same is not known",
            " and ".join(untold),
        )


def rows_of(part: Part) -> Iterator[Row]:
    """The rows of `part`, in order.

    Raises:
        UsageError: its CSV is not one of this program, or of another version of it.
    """
    try:
        yield from read_rows(part.local)
    except ValueError as error:
        raise UsageError(f"{part.csv} is no CSV of batch_predict: {error}") from error


def once_each(rows: Iterable[Row]) -> Iterator[Row]:
    """`rows`, which come in order.

    Raises:
        UsageError: two have one path.
    """
    last = None
    for row in rows:
        if row.ref.path == last:
            raise UsageError(f"two parts hold {printable(row.ref.path)}: run both again")
        last = row.ref.path
        yield row


def columns_of_all(parts: Sequence[Part]) -> tuple[Column, ...]:
    """The columns of the CSVs of `parts`, which are of one run: parts of 1.0.0 lack newer ones.

    Raises:
        UsageError: one part has a column that another lacks, or its CSV is none.
    """
    record = parts[0].record
    has_truth = sum_truth(parts).source is not None
    columns = columns_of(
        truth=has_truth,
        probabilities=record.options.probabilities,
        decisions=record.decisions is not None,
    )
    newer = {column.name for column in columns if column.since_1_1}
    having = [newer.intersection(_names(part)) for part in parts]
    for name in sorted(set().union(*having)):
        lacking = [part.csv for part, names in zip(parts, having, strict=True) if name not in names]
        if lacking:
            raise UsageError(
                f"only some parts have the column {name}: it is not in {' and '.join(lacking)},"
                " made by version 1.0.0; run that part again"
            )
    return tuple(c for c in columns if not c.since_1_1 or c.name in having[0])


def _names(part: Part) -> Sequence[str]:
    try:
        with open(part.local, "rb") as file:
            return read_names(file)
    except ValueError as error:
        raise UsageError(f"{part.csv} is no CSV of batch_predict: {error}") from error


def sum_counts(parts: Sequence[Part]) -> RunCounts:
    """The counts of the pictures of all `parts`."""
    return reduce(add, (part.record.counts for part in parts))


def sum_walks(parts: Sequence[Part]) -> WalkCounts:
    """What the walks of all `parts`, which are cut alike, came upon together."""
    walks = [part.record.walk for part in parts]
    whole = replace(walks[0], kept=sum(walk.kept for walk in walks), gone=None)
    if whole.cut is None:  # each walked it all
        return whole
    skipped: Counter[str] = Counter()
    for walk in walks:
        skipped.update(walk.skipped)
    walked = sum(walk.walked for walk in walks)
    return replace(whole, walked=walked, skipped=skipped, sha256=None)


def sum_truth(parts: Sequence[Part]) -> TruthUsed:
    """Where the truth of all `parts` came from: of those that are cut, some may have met none."""
    truths = [part.record.truth for part in parts]
    if parts[0].record.walk.cut is None:  # each saw it all
        return truths[0]
    sources = {truth.source for truth in truths} - {None}
    source = IN_ARCHIVE if IN_ARCHIVE in sources else next(iter(sources), None)
    return TruthUsed(source, truths[0].sha256, sum_findings(truth.findings for truth in truths))


def sum_decisions(parts: Sequence[Part]) -> DecisionsUsed | None:
    """What the decisions that all `parts` took come to; None where they took none."""
    used = [part.record.decisions for part in parts]
    taken = [each for each in used if each is not None]
    return DecisionsUsed.sum_of(taken) if taken else None


def sum_times(parts: Sequence[Part]) -> Times:
    """From the start of the first of `parts` to the end of the last."""
    started = min(part.record.times.started for part in parts)
    ended = max(part.record.times.ended for part in parts)
    return Times(started, ended, max((ended - started).total_seconds(), _SHORTEST_S))


def _of_run(part: Part) -> dict[str, object]:
    """All that is the same in every part of one run."""
    record = part.record
    cut = record.walk.cut
    is_whole = {
        "truth_source": record.truth.source,
        "number of pictures in the folder": record.walk.walked,
    }
    is_share = {name: vars(record.options)[name] for name in ("label_pattern", "no_labels")}
    return {
        **fingerprint(record.invocation, record.model, record.options.in_dir),
        "review_below": record.model.review_below,
        "probabilities": record.options.probabilities,
        "decisions": record.decisions and record.decisions.hashes,
        "truth_sha256": record.truth.sha256,
        "number of shards": part.shard.count,
        "cut into shards": cut,
        **(is_whole if cut is None else is_share),
    }
