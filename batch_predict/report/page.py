"""Evaluation, pictures -> the page. Pure: no file is touched but the template's."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from batch_predict.evaluation import Case
from batch_predict.report import words
from batch_predict.report.compare import Change
from batch_predict.report.figures import figures
from batch_predict.report.pictures import Pictures, Thumbnails, thumbnails
from batch_predict.report.report import Report

if TYPE_CHECKING:
    from jinja2 import Template

MOST_CARDS: Final = 48  # in a gallery; with pictures, a card takes up to 6 kB
MOST_LINES: Final = 50  # in a table


@dataclass(frozen=True)
class Card:
    """One picture in a gallery."""

    row: Case | Change
    path: str
    thumbnails: Thumbnails | None


def render(report: Report, pictures: Pictures) -> str:
    """The page, one self-contained HTML document; `pictures` is asked for those it shows."""
    cases, comparison = report.evaluation.cases, report.comparison

    def gallery(rows: Iterable[Case | Change]) -> list[Card]:
        return [
            _card(row, report, pictures) for _, row in zip(range(MOST_CARDS), rows, strict=False)
        ]

    strong = words.doubtful_labels(report.evaluation)
    suspects = cases.suspected_label_errors[: min(strong, MOST_CARDS)]
    others = [case for case in cases.worst_mistakes if case not in suspects]
    galleries = {
        "suspects": gallery(suspects),
        "mistakes": gallery(others),
        "changed": gallery(comparison.changed if comparison else ()),
    }
    shown = [card for cards in galleries.values() for card in cards]
    return _template().render(
        report=report,
        evaluation=report.evaluation,
        counts=report.evaluation.counts,
        calibration=report.evaluation.calibration,
        comparison=comparison,
        provenance=report.provenance,
        figures=figures(report.evaluation),
        points=words.look_at(report.evaluation, comparison),
        gate=words.gate(report.evaluation, report.provenance),
        strong=strong,
        pictures_gone=bool(shown) and not any(card.thumbnails for card in shown),
        most_lines=MOST_LINES,
        **galleries,
    )


def _card(row: Case | Change, report: Report, pictures: Pictures) -> Card:
    path = report.texts[row.row].path
    pair = pictures(path)
    return Card(row, path, thumbnails(pair) if pair else None)


@cache
def _template() -> "Template":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("batch_predict.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "percent": words.percent,
        "interval": words.interval,
        "count": words.count,
        "commas": "{:,}".format,
    }
    return environment.get_template("page.html")
