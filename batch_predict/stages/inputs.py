"""What a run reads, found and fit to be read before anything is scored."""

from collections.abc import Collection
from typing import NamedTuple

from batch_predict.audit.promise_of_run import Audit, find_audit
from batch_predict.checkpoint.fingerprint import fingerprint
from batch_predict.checkpoint.schema import Fingerprint
from batch_predict.decisions.apply import Decisions, find_decisions
from batch_predict.manifest.baseline import Baselines, find_baselines
from batch_predict.manifest.invocation import Invocation
from batch_predict.manifest.model_used import ModelUsed, Preparation
from batch_predict.options import Options
from batch_predict.runtimes.ink import find_ink
from batch_predict.runtimes.model_file import ModelFile, find_model
from batch_predict.stages.checks import check_writable
from batch_predict.storage import Listing, Source, open_input
from batch_predict.storage.file_list import FileList
from batch_predict.storage.output_paths import decisions_file
from batch_predict.storage.selection import Selection
from batch_predict.truth import Truth, find_truth


class Inputs(NamedTuple):
    """What a run reads, found and fit to be read."""

    source: Source  # where the pictures lie
    walk: Listing  # the pictures, listed as they are asked for
    truth: Truth
    model: ModelFile
    ink: ModelFile
    baselines: Baselines
    decisions: Decisions | None
    audit: Audit | None

    @property
    def decided_paths(self) -> Collection[str]:
        """Where the pictures lie that were decided on."""
        return self.decisions.paths if self.decisions else ()

    def fingerprint(self, invocation: Invocation) -> Fingerprint:
        """That of the run of `invocation`."""
        return fingerprint(invocation, ModelUsed.of(self.model, self.ink), self.source.address)


def open_inputs(options: Options) -> Inputs:
    """What a run with `options` reads; its outputs are tried, too.

    Raises:
        BatchPredictError: as each stage raises it.
    """
    decisions = find_decisions(decisions_file(options.output), options.decisions)
    audit = find_audit(options.audit, options.output) if options.audit else None
    model, ink = find_model(options.model, options.review_below), find_ink()
    needed = options.max_drift is not None
    baselines = find_baselines(options.baseline, model, Preparation.by(ink), needed=needed)
    source = open_input(options.in_dir, archives=options.archives)
    walk = _listing(source, options)
    check_writable(options)
    wanted = not options.no_labels
    truth = find_truth(options.in_dir, options.labels, options.label_pattern, wanted=wanted)
    return Inputs(source, walk, truth, model, ink, baselines, decisions, audit)


def _listing(source: Source, options: Options) -> Listing:
    """The pictures of `source`.

    Raises:
        InputError: there is no such folder.
        UsageError: `options.files_from` is no list for it.
    """
    selection = Selection(
        options.own_files, options.all_files, options.follow_links, options.exclude
    )
    if options.files_from is not None:
        return source.listed(FileList(options.files_from, options.null), selection)
    return source.walk(selection)
