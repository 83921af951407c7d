"""What a finished run says: one line on stdout, and on stderr the gates that are not met."""

import logging
import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from batch_predict.decisions.apply import DecisionCounts
from batch_predict.drift import NOTABLE
from batch_predict.errors import ExitCode
from batch_predict.manifest.expected import RESTS_ON
from batch_predict.manifest.gates import is_near_chance, near_chance_words
from batch_predict.manifest.manifest import Manifest
from batch_predict.manifest.new_since_last import SHOWN, NewSinceLast
from batch_predict.manifest.truth_used import TruthUsed
from batch_predict.manifest.walk_counts import WalkCounts
from batch_predict.options import Options
from batch_predict.plural import plural
from batch_predict.process.command import command_of
from batch_predict.process.stdio import say
from batch_predict.records import Status
from batch_predict.storage.left_out import LeftOut

_LOGGER: Final = logging.getLogger(__name__)
#: what can be done about what a walk leaves out
_HINTS: Final[Mapping[str, str]] = {LeftOut.ARCHIVE: " (--archives opens them)"}


def print_summary(manifest: Manifest, missed: Iterable[str], *, quiet: bool) -> None:
    """Print the line, unless `quiet`, and those of the gates that are `missed`."""
    if not quiet:
        say(line(manifest))
    record, report = manifest.record, manifest.report
    answered = record.counts.by_status[Status.OK] + record.counts.by_status[Status.REVIEW]
    # Where few have an answer, the reasons say why so few are right.
    if report and is_near_chance(report.accuracy.interval) and answered > record.counts.found / 2:
        words = near_chance_words(
            report.accuracy.value, report.with_truth, record.truth.source or ""
        )
        _LOGGER.warning("%s --no-labels goes without", words)
    for words in missed:
        _LOGGER.error("%s", words)
    if record.new_since_last:
        is_well = manifest.exit_code is ExitCode.OK
        level = logging.INFO if is_well else logging.WARNING
        for words in _of_mail(record.new_since_last, record.options):
            _LOGGER.log(level, "%s", words)


def _of_mail(new: NewSinceLast, options: Options) -> Iterator[str]:
    """What a mail needs for a person to go on from: names, and the command to see them with."""
    newly, since = ("newly ", " since the last run") if new.last else ("", "")
    for named, words in (
        (new.failed, f"{newly}failed{since}"),
        (new.known_failed, "failed in the last run, too"),
        (new.review, f"{newly}for review{since}"),
    ):
        if named.count:
            shown = ", ".join(named.paths[:SHOWN])
            more = f" and {named.count - SHOWN} more" if named.count > SHOWN else ""
            yield f"{named.count} {words}: {shown}{more}"
    if any(each.count for each in (new.failed, new.known_failed, new.review)):
        yield from _to_look_at(options)


def _to_look_at(options: Options) -> Iterator[str]:
    """The command that shows what failed or is for review; of a part the merged run has it."""
    if not options.shard:
        yield f"to look at them: {command_of('review')} {shlex.quote(options.output)}"


def counted(skipped: Mapping[str, int]) -> str:
    """What a walk left out, by category; empty where that is nothing."""
    found = ", ".join(
        f"{count} {_several(kind) if count > 1 else kind}{_HINTS.get(kind, '')}"
        for kind, count in sorted(skipped.items())
    )
    return f"left out: {found}" if found else ""


def _several(kind: str) -> str:
    """The words for several of `kind`; one of another version's manifest stays as it is."""
    return LeftOut(kind).several if kind in list(LeftOut) else kind


def line(manifest: Manifest) -> str:
    """Counts, accuracy where there is ground truth, duration, rate, output, and what to do next."""
    record, report = manifest.record, manifest.report
    options = record.options
    counts = ", ".join(f"{count} {status}" for status, count in record.counts.by_status.items())
    parts = [f"{plural(record.counts.found)}: {counts}"]
    if record.walk.kept:
        parts.append(f"{record.scored or 'none'} scored now")
    parts += of_walk(record.walk)
    if record.decisions is not None:
        parts += _of_decisions(record.decisions.counts)
    if report is not None and report.accuracy.value is not None:
        parts.append(f"accuracy {report.accuracy.value:.2%} of {report.with_truth} with truth")
    parts += _of_answers(manifest)
    if record.truth.source and not options.shard:  # what is known of the truth is of the whole
        parts += _of_truth(record.truth)
    if record.promise and record.promise.threshold is not None:
        parts.append(record.promise.words())
    if record.model.review_below is None:
        parts.append("the model has no card, so no review threshold")
    parts.append(_of_time(record.scored, record.times.duration_s))
    said = [f"{'; '.join(parts)} -> {options.output}"]
    if any(record.counts.by_status[status] for status in (Status.REVIEW, Status.FAILED)):
        said += _to_look_at(options)
    return "; ".join(said)


def _of_time(scored: int, seconds: float) -> str:
    if not scored:
        return f"{seconds:.1f} s"
    rate = scored / seconds
    return f"{seconds:.1f} s ({plural(round(rate)) if rate >= 1 else f'{rate:.1g} pictures'}/s)"


def of_walk(walk: WalkCounts) -> Iterator[str]:
    """What of the walk is worth a word: what is gone, and what it left out."""
    if walk.gone is not None and walk.gone.pictures:
        yield f"{walk.gone.pictures} gone since the last finished run"
    if walk.skipped:
        yield counted(walk.skipped)


def _of_answers(manifest: Manifest) -> Iterator[str]:
    """What the answers alone tell: how many may be right, and how they differ from earlier ones.

    A baseline that somebody chose is heard with all its histograms. From the card's pictures those
    of another pen or of other digits differ, too, and are read as well: there confidences alone
    count, and only where nobody has counted how many are right.
    """
    record, options, expected = manifest.record, manifest.record.options, manifest.record.expected
    if expected is not None and expected.value is not None:
        yield f"expected {expected.value:.2%} right ({RESTS_ON})"
    if record.drift is None:
        return
    index, words = record.drift.furthest()
    if options.baseline or options.max_drift:
        if index > NOTABLE or (record.drift.psi is None and options.max_drift):
            yield words
    elif record.drift.psi and record.drift.psi["confidence"] > NOTABLE and not manifest.report:
        if expected is not None and expected.withheld:
            yield f"expected accuracy withheld: {expected.withheld}"
        elif record.drift.ways:
            way = record.drift.ways["confidence"]
            yield f"{way} than of the card's pictures (drift {record.drift.psi['confidence']:.2f})"


def _of_decisions(counts: DecisionCounts) -> Iterator[str]:
    if counts.unfit:
        words = "decision fits" if counts.unfit == 1 else "decisions fit"
        yield f"{counts.unfit} {words} no picture any more"
    if counts.disputed:
        yield f"{counts.disputed} decided in two ways, of which the later counts"


def _of_truth(truth: TruthUsed) -> Iterator[str]:
    if without := truth.without:
        yield f"{without.count} without truth, e.g. {without.examples[0]}"
    if truth.matched:
        how = ", ".join(f"{count} {how}" for how, count in truth.matched.items())
        yield f"labels matched: {how}"
