"""The report from a CSV that is there already: with other labels, or against an earlier CSV."""

import os
from collections.abc import Mapping
from typing import Any

from batch_predict import manifest
from batch_predict.atomic import staging
from batch_predict.errors import UsageError
from batch_predict.evaluate import evaluate
from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.prepare import Prepare
from batch_predict.report.align import align
from batch_predict.report.columns import foreign
from batch_predict.report.compare import compare
from batch_predict.report.load import load, paths
from batch_predict.report.pictures import Pictures
from batch_predict.report.provenance import Provenance, provenance
from batch_predict.report.words import headline
from batch_predict.report.write import assemble, pictures_by, write
from batch_predict.truth import Truth, find_truth
from batch_predict.truth.findings import Finding


def report(csv: str, labels: str | None, earlier: str | None) -> str:
    """Replace the report beside `csv`; returns its headline.

    Truth comes from `labels`, else from the CSV's own column; `earlier` is a CSV to compare with.
    Raises InputError, OutputError, UsageError.
    """
    about = manifest.read(csv)
    with foreign(csv):
        if labels is None:
            truth, scored = None, load(csv)
        else:
            in_dir = about.get("in_dir", os.path.dirname(csv))
            truth = find_truth(in_dir, labels, None, lambda: paths(csv))
            scored = load(csv, truth.of, truth.labels_file)
    evaluation = evaluate(scored)
    if not evaluation.counts.n:
        raise UsageError(
            f"{csv} has no ground truth: name a file with --labels,"
            " or draw pictures for a person to label with --sample 400 to_label.csv"
        )
    comparison = None
    if earlier is not None:
        with foreign(earlier):
            comparison = compare(scored, align(csv, earlier))
    made = assemble(csv, evaluation, comparison, signed(csv, about, truth))
    stem = os.path.splitext(csv)[0]
    with staging() as staged:
        reports = (staged.add(f"{stem}.report.json"), staged.add(f"{stem}.report.html"))
        write(made, pictures(about), *reports)
        staged.commit()
    return f"{headline(evaluation)} -> {stem}.report.html"


def signed(csv: str, about: Mapping[str, Any], truth: Truth | None = None) -> Provenance:
    """Where the figures of `csv` come from; without `truth`, from what its manifest says of it."""
    name = os.path.basename(csv)
    if truth is not None:
        return provenance(name, about, truth.source, truth.findings())
    findings = [Finding(**finding) for finding in about.get("truth_findings", [])]
    return provenance(name, about, about.get("truth_source") or "the CSV's own column", findings)


def pictures(about: Mapping[str, Any]) -> Pictures:
    """As the run read and prepared them; without a manifest there are none."""
    if "arguments" not in about:
        return lambda path: None
    said = about["arguments"]
    preprocess, polarity = Preprocess(said["preprocess"]), Polarity(said["polarity"])
    return pictures_by(Prepare(said["in_dir"], said["max_pixels"], preprocess, polarity))
