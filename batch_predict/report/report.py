"""The type that both forms of the report are made from: all but the pictures."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

from batch_predict.evaluate.evaluation import Evaluation
from batch_predict.manifest.run_record import RunRecord
from batch_predict.report.audited import Audited
from batch_predict.report.compare import Comparison
from batch_predict.report.load import Text
from batch_predict.report.provenance import Provenance


@dataclass(frozen=True)
class Report:
    """The figures, where they come from, and path and reason of every row that is listed."""

    evaluation: Evaluation
    provenance: Provenance
    texts: Mapping[int, Text]  # by row
    comparison: Comparison | None = None
    earlier: Provenance | None = None  # of the CSV of the comparison
    record: RunRecord | None = None  # of the run; None: no manifest is there
    audited: Audited | None = None  # None: there was no audit


def rows_wanted(evaluation: Evaluation, comparison: Comparison | None = None) -> set[int]:
    """The rows whose path and reason a report needs."""
    cases = chain.from_iterable(vars(evaluation.cases).values())
    return {each.row for each in chain(cases, comparison.changed if comparison else ())}
