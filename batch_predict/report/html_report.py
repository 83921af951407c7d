"""Renders the HTML report from an evaluation and pictures. It reads no file but the template."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from markupsafe import Markup, escape

from batch_predict import __version__
from batch_predict.evaluate.evaluation import Case, Group
from batch_predict.manifest.own_marks import GENERATOR
from batch_predict.records import Status
from batch_predict.report import look_at, numbers, verdict
from batch_predict.report.accuracies import accuracies
from batch_predict.report.compare import Change, Comparison
from batch_predict.report.figures import figures
from batch_predict.report.pictures import Pictures, Thumbnails, thumbnails
from batch_predict.report.report import Report

if TYPE_CHECKING:
    from jinja2 import Template

MOST_CARDS: Final = 48  # in a gallery; with pictures, a card takes 3 to 8 kB
MOST_CHANGES: Final = 24  # in a gallery, of each effect
MOST_LINES: Final = 50  # in a table
_PARTED: Final = re.compile(r"[/\\_.-](?=\w)")  # a line of a name may end here


@dataclass(frozen=True)
class GalleryCard:
    """One picture in a gallery."""

    row: Case | Change
    path: str
    thumbnails: Thumbnails | None

    @property
    def has_maps(self) -> bool:
        """Whether the ink network marked it."""
        return self.thumbnails is not None and self.thumbnails.maps is not None

    @property
    def has_readings(self) -> bool:
        """Whether it was in doubt, so that several readings of it were judged."""
        return self.thumbnails is not None and bool(self.thumbnails.readings)

    @property
    def is_wide(self) -> bool:
        """Whether it shows more than the picture and what the model saw."""
        return self.has_maps or self.has_readings


def render(report: Report, pictures: Pictures) -> str:
    """One self-contained HTML document; `pictures` is called for each picture that it shows."""
    cases, comparison = report.evaluation.cases, report.comparison

    def gallery(rows: Sequence[Case | Change]) -> list[GalleryCard]:
        return [_card(row, report, pictures) for row in rows[:MOST_CARDS]]

    strong = look_at.doubtful_labels(report.evaluation)
    suspects = cases.suspected_label_errors[:strong][:MOST_CARDS]
    others = [case for case in cases.worst_mistakes if case not in suspects]
    galleries = {
        "suspects": gallery(suspects),
        "mistakes": gallery(others),
        **{f"{effect}_cards": gallery(changes) for effect, changes in _changes(comparison).items()},
    }
    readable = [c for cards in galleries.values() for c in cards if c.row.status != Status.FAILED]
    return _template().render(
        report=report,
        generator=f"{GENERATOR} {__version__}",
        evaluation=report.evaluation,
        counts=report.evaluation.counts,
        calibration=report.evaluation.calibration,
        comparison=comparison,
        provenance=report.provenance,
        breakdowns=look_at.breakdowns(report.evaluation),
        figures=figures(report.evaluation),
        verdict=verdict.verdict(report.evaluation.counts),
        audited=report.audited,
        accuracies=accuracies(report),
        points=look_at.look_at(report.evaluation, comparison, report.record),
        few=look_at.FEW_ROWS,
        gate=verdict.gate(report.evaluation, report.provenance),
        strong=strong,
        pictures_gone=bool(readable) and not any(card.thumbnails for card in readable),
        most_lines=MOST_LINES,
        **galleries,
    )


def _changes(comparison: Comparison | None) -> dict[str, list[Change]]:
    """The changes that are shown, by effect."""
    changed = comparison.changed if comparison else ()
    effects = ("loss", "win", "other")
    return {
        effect: [each for each in changed if each.effect == effect][:MOST_CHANGES]
        for effect in effects
    }


def _card(row: Case | Change, report: Report, pictures: Pictures) -> GalleryCard:
    path = report.texts[row.row].path
    # A file that failed may have crashed its decoder or hung it, so it is not decoded here.
    views = None if row.status == Status.FAILED else pictures(path)
    if views and isinstance(row, Change):  # two answers to compare; what led to each is not known
        views = views._replace(readings=())
    return GalleryCard(row, path, thumbnails(views) if views else None)


def _bar_start(groups: Sequence[Group]) -> float:
    """The lowest value on the bars' scale: a multiple of 10% below every interval."""
    lowest = min((group.accuracy_interval or (0, 0))[0] for group in groups)
    return min(math.floor(lowest * 10) / 10, 0.9)


def _percent_of_scale(share: float, start: float) -> float:
    """Where `share` lies on a scale from `start` to 1, in percent."""
    return round(100 * (share - start) / (1 - start), 2)


def _breakable(name: str) -> Markup:
    """`name`, escaped, with a place to break the line after each mark that parts it."""
    return Markup(_PARTED.sub(r"\g<0><wbr>", str(escape(name))))


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
        "percent": numbers.percent,
        "per_thousand": numbers.per_thousand,
        "interval": numbers.interval,
        "count": numbers.count,
        "shown_of": numbers.shown_of,
        "breakable": _breakable,
        "commas": "{:,}".format,
        "bar_start": _bar_start,
        "along": _percent_of_scale,
    }
    return environment.get_template("page.html")
