"""What the parts of a sharded run come to together."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import reduce
from operator import add, attrgetter

from batch_predict.manifest.baseline import Baselines
from batch_predict.manifest.clock import Times
from batch_predict.manifest.decisions_used import DecisionsUsed
from batch_predict.manifest.expected import expected
from batch_predict.manifest.invocation import Invocation
from batch_predict.manifest.run_counts import RunCounts
from batch_predict.manifest.run_record import RunRecord
from batch_predict.manifest.truth_used import TruthUsed
from batch_predict.manifest.walk_counts import WalkCounts
from batch_predict.merge.parts import Part
from batch_predict.options import Options
from batch_predict.runtimes.model_file import ModelFile
from batch_predict.truth.findings import sum_findings
from batch_predict.truth.in_archive import IN_ARCHIVE


def record_of_whole(
    parts: Sequence[Part], asked: Options, model: ModelFile, baselines: Baselines
) -> RunRecord:
    """What is known of the whole; what must be the same in every part is taken from the first.

    But for what comes of its table.
    """
    first = parts[0].record
    here = Invocation.of_this_process(asked)
    counts = sum_counts(parts)
    from_asked, from_card = baselines.drifts(counts.profile)
    return replace(
        first,
        invocation=replace(here, versions=first.invocation.versions),  # those that scored
        truth=sum_truth(parts),
        walk=sum_walks(parts),
        counts=counts,
        drift=from_asked,
        times=sum_times(parts),
        expected=expected(counts, model.calibrated_to_drift, from_card),
        decisions=sum_decisions(parts),
    )


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
    """From the start of the first of `parts` to the end of the last; and how long one of them ran.

    Those that ran side by side count once, and the time between two does not.
    """
    times = sorted((part.record.times for part in parts), key=attrgetter("started"))
    seconds, until = 0.0, times[0].started
    for each in times:
        end = each.started + timedelta(seconds=each.duration_s)
        seconds += max((end - max(each.started, until)).total_seconds(), 0.0)
        until = max(until, end)
    return Times(times[0].started, max(each.ended for each in times), round(seconds, 3))
