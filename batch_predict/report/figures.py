"""Draws the plots of the HTML report."""

import math
from collections.abc import Sequence
from itertools import chain
from typing import Final

from batch_predict.evaluate.evaluation import DigitMetrics, Evaluation
from batch_predict.evaluate.reliability import Bin
from batch_predict.evaluate.selective import TARGET_ERRORS, OperatingPoint, RiskPoint
from batch_predict.records import CLASSES
from batch_predict.report.numbers import count, interval, percent
from batch_predict.report.svg import (
    BOTTOM,
    RIGHT,
    TOP,
    Scale,
    Tick,
    bottom_axis,
    dot,
    error_bar,
    grid,
    group,
    left_axis,
    line,
    rectangle,
    room_for,
    stops,
    svg,
    text,
)

_NO_LABEL: Final = "none"
_TRUSTED: Final = "share of rows trusted, the surest first"
_ORDERS: Final = ("1", "10", "100", "1k", "10k", "100k", "1M", "10M", "100M")  # of rows
_BAR: Final = 12.0  # user units, the width of a bar of the reliability diagram


def figures(evaluation: Evaluation) -> dict[str, str]:
    """SVG by name, of every plot that shows more than one figure, which is a sentence."""
    calibration, counts = evaluation.calibration, evaluation.counts
    plots = {}
    if counts.n_scored and _filled(evaluation) > 1:
        plots["confusion"] = _confusion(evaluation)
    if sum(each.support > 0 for each in evaluation.per_digit) > 1:
        plots["digits"] = _digits(evaluation.per_digit)
    if len(calibration.reliability) > 1:
        plots["reliability"] = _reliability(calibration.reliability)
    if counts.n_wrong and counts.n_correct and len(calibration.coverage_curve) > 1:
        plots["trust"] = _risk_coverage(calibration.coverage_curve)
        plots["let_through"] = _generalized_risk(calibration.risk_curve)
    return plots


def _filled(evaluation: Evaluation) -> int:
    """How many cells of the confusion matrix have rows."""
    return sum(map(bool, chain(*evaluation.confusion_matrix, evaluation.without_label_by_digit)))


def _confusion(evaluation: Evaluation) -> str:
    without = evaluation.without_label_by_digit
    rows = [[*row, none] for row, none in zip(evaluation.confusion_matrix, without, strict=True)]
    names = [*map(str, range(CLASSES)), _NO_LABEL][: CLASSES + any(without)]
    worst = max((n for t, row in enumerate(rows) for p, n in enumerate(row) if p != t), default=0)
    left = room_for([(0, "0")])
    x = Scale(-0.5, len(names) - 0.5, left, RIGHT + 4)
    y = Scale(CLASSES - 0.5, -0.5, BOTTOM, 2)
    width, height = x(1) - x(0) - 1, y(1) - y(0) - 1
    cells = []
    for truth, row in enumerate(rows):
        for label, n in enumerate(row):
            if not n:
                continue
            right = truth == label
            strength = n / sum(row) * 0.4 if right else 0.12 + 0.7 * (n / worst) ** 0.5
            words = f"truth {truth}, label {names[label]}: {n:,} of {count(sum(row), 'row')}"
            middle, line_at = x(label), y(truth)
            cells.append(
                group(
                    f"{words} ({percent(n / sum(row))})",
                    rectangle(
                        "right" if right else "wrong",
                        middle - width / 2,
                        line_at - height / 2,
                        width,
                        height,
                        opacity=f"{strength:.3f}",
                    ),
                    # Six digits still fit their cell.
                    text("", middle, line_at + 3, f"{n}", style=_size(min(8, 38 / len(f"{n}")))),
                )
            )
    return svg(
        "Confusion matrix: rows are the truth, columns the label given",
        *cells,
        left_axis(y, left, list(enumerate(names[:CLASSES])), "truth"),
        bottom_axis(x, BOTTOM, list(enumerate(names)), "label given"),
    )


def _size(units: float) -> str:
    return f"font-size: {units:.3g}px"


def _digits(per_digit: tuple[DigitMetrics, ...]) -> str:
    known = [
        (each, each.recall, each.recall_interval)
        for each in per_digit
        if each.recall is not None and each.recall_interval is not None
    ]
    low, high = min(i[0] for _, _, i in known), max(i[1] for _, _, i in known)
    margin = (high - low) / 20
    y = Scale(low - margin, high + margin, BOTTOM, TOP)
    ticks = y.percent_ticks()
    x = Scale(-0.6, CLASSES - 0.4, room_for(ticks), RIGHT)
    marks = (
        group(
            f"digit {each.digit}: {percent(recall)} of {each.support:,} read right"
            f" ({interval(within)})",
            error_bar(x(each.digit), y(recall), *map(y, within)),
        )
        for each, recall, within in known
    )
    return svg(
        "Share read right of each digit, with its 95% interval",
        grid(x, y, [], ticks),
        bottom_axis(x, BOTTOM, [(digit, str(digit)) for digit in range(CLASSES)], "digit"),
        left_axis(y, x.start, ticks, "read right (95% interval)"),
        *marks,
    )


def _reliability(filled: tuple[Bin, ...]) -> str:
    """Accuracy above, and below it how many rows, on a logarithmic scale."""
    most = math.log10(max(each.n for each in filled))
    upper, lower = Scale(-0.03, 1.03, 168, TOP), Scale(-0.15, most + 0.15, BOTTOM, 180)
    shares = Scale(0, 1, 0, 0).percent_ticks()
    x = Scale(0, 1.03, room_for(shares), RIGHT)
    orders: Sequence[Tick] = list(enumerate(_ORDERS))[: math.floor(most) + 1]
    marks = []
    for each in filled:
        middle = x(each.confidence)
        within = each.accuracy_interval or (0.0, 1.0)
        bar = lower(math.log10(each.n))
        marks.append(
            group(
                f"confidence {percent(each.confidence)}: {percent(each.accuracy)}"
                f" of {count(each.n, 'row')} right ({interval(within)})",
                error_bar(middle, upper(each.accuracy), *map(upper, within)),
                rectangle("bar-of-rows", middle - _BAR / 2, bar, _BAR, lower.start - bar),
            )
        )
    return svg(
        "Reliability diagram: accuracy against confidence, and how many rows have it",
        grid(x, upper, shares, shares),
        line("guide", (x(0), upper(0)), (x(1), upper(1))),
        left_axis(upper, x.start, shares, "accuracy"),
        left_axis(lower, x.start, orders[:: len(orders) // 4 + 1], "rows"),
        bottom_axis(x, BOTTOM, shares, "confidence"),
        *marks,
        text("hint", x(0.02), upper(0.91), "above the line: too modest", anchor="start"),
        text("hint", x(1.02), upper(0.03), "below: too sure", anchor="end"),
    )


def _risk_coverage(curve: tuple[OperatingPoint, ...]) -> str:
    top = max(*(each.error for each in curve), 1.3 * max(TARGET_ERRORS)) * 1.08
    points = [
        (
            each.coverage,
            each.error,
            f"{percent(each.coverage)} trusted, from confidence {each.threshold:.6f} on:"
            f" {count(each.errors, 'error')} ({percent(each.error)})",
        )
        for each in curve
    ]
    targets = []
    for target in TARGET_ERRORS:
        named = target > top / 40  # else its name would lie on the axis
        targets.append((target, f"{100 * target:g}%" if named else ""))
    return _curve(
        "Share of errors among the labels trusted, against the share trusted",
        "errors among them",
        top,
        points,
        targets=targets,
    )


def _generalized_risk(curve: tuple[RiskPoint, ...]) -> str:
    points = [(0.0, 0.0, "nothing trusted")]
    for each in curve:
        words = f"{percent(each.coverage)} trusted: {percent(each.generalized_risk)} of all rows"
        points.append((each.coverage, each.generalized_risk, f"{words} trusted and wrong"))
    whole = points[-1][1]
    return _curve(
        "Share of all rows that are trusted and wrong, against the share trusted",
        "trusted and wrong, of all",
        max(whole * 1.08, 1.3 * min(TARGET_ERRORS)),
        points,
        chance=whole,
    )


def _curve(
    words: str,
    name: str,
    top: float,
    points: Sequence[tuple[float, float, str]],
    *,
    targets: Sequence[Tick] = (),
    chance: float | None = None,
) -> str:
    """A curve over the share trusted, up to `top`, through `points` of share, value and title.

    Either with `targets` across it, or with its area, under a line to the `chance` at its end.
    """
    y = Scale(0, top, BOTTOM, TOP)
    rows = y.percent_ticks()
    x = Scale(0, 1.02, room_for(rows), RIGHT)
    columns = x.percent_ticks()
    placed = [(x(share), y(value), title) for share, value, title in points]
    through = [(left, height) for left, height, _ in placed]
    marks = [line("curve", *through)] if len(through) > 1 else [dot(*through[0])]
    for target, written in targets:
        marks.append(line("target", (x.start, y(target)), (x.end, y(target))))
        marks.append(text("hint", x.start + 3, y(target) - 2, written, anchor="start"))
    if chance is not None:
        marks.append(line("guide", (x(0), y(0)), (x(1), y(chance))))
        marks.append(line("area", *through, (through[-1][0], y(0)), (x(0), y(0))))
    return svg(
        words,
        grid(x, y, [], rows),
        left_axis(y, x.start, rows, name),
        bottom_axis(x, BOTTOM, columns, _TRUSTED),
        *marks,
        stops(y, placed),
    )
