"""All that a report shows, but the pictures."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from batch_predict.evaluate.evaluation import Case, Evaluation
from batch_predict.report.compare import Change, Comparison
from batch_predict.report.load import Text
from batch_predict.report.provenance import Provenance


@dataclass(frozen=True)
class Report:
    """The figures, where they come from, and the words of every row that is listed."""

    evaluation: Evaluation
    comparison: Comparison | None
    provenance: Provenance
    texts: Mapping[int, Text]  # by row


def rows_wanted(evaluation: Evaluation, comparison: Comparison | None) -> set[int]:
    """The rows whose words a report needs."""
    cases = evaluation.cases
    listed: Collection[Case | Change] = [
        *cases.suspected_label_errors,
        *cases.worst_mistakes,
        *cases.without_label,
        *(comparison.changed if comparison else ()),
    ]
    return {each.row for each in listed}
