"""Draws the plots of the HTML report."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from batch_predict.evaluate.evaluation import DigitMetrics, Evaluation
from batch_predict.evaluate.reliability import Bin, Interval
from batch_predict.evaluate.selective import TARGET_ERRORS, OperatingPoint, RiskPoint
from batch_predict.records import CLASSES
from batch_predict.report.svg import MUTED, RIGHT, WRONG, to_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def figures(evaluation: Evaluation) -> dict[str, str]:
    """SVG by name, of every plot that has data."""
    calibration = evaluation.calibration
    plots: dict[str, tuple[bool, Callable[[Figure], None], str]] = {
        "confusion": (
            evaluation.counts.n > 0,
            lambda figure: _confusion(figure, evaluation),
            "Confusion matrix: rows are the truth, columns the label given",
        ),
        "digits": (
            evaluation.counts.n_scored > 0,
            lambda figure: _digits(figure, evaluation.per_digit),
            "Share read right of each digit, with its 95% interval",
        ),
        "reliability": (
            bool(calibration.reliability),
            lambda figure: _reliability(figure, calibration.reliability),
            "Reliability diagram: accuracy against confidence, and how many rows have it",
        ),
        "trust": (
            bool(calibration.coverage_curve),
            lambda figure: _risk_coverage(figure, calibration.coverage_curve),
            "Share of errors among the labels trusted, against the share trusted",
        ),
        "let_through": (
            evaluation.counts.n_scored > 0,
            lambda figure: _generalized_risk(figure, calibration.risk_curve),
            "Share of all rows that are trusted and wrong, against the share trusted",
        ),
    }
    return {name: to_svg(plot, words) for name, (wanted, plot, words) in plots.items() if wanted}


def _confusion(figure: "Figure", evaluation: Evaluation) -> None:
    from matplotlib.patches import Rectangle

    axes = figure.add_subplot()
    without = evaluation.without_label_by_digit
    rows = [[*row, none] for row, none in zip(evaluation.confusion_matrix, without, strict=True)]
    width = CLASSES + (1 if any(without) else 0)
    worst = max((n for t, row in enumerate(rows) for p, n in enumerate(row) if p != t), default=0)
    for truth, row in enumerate(rows):
        for label, count in enumerate(row[:width]):
            if not count:
                continue
            right = truth == label
            strength = count / sum(row) * 0.4 if right else 0.12 + 0.7 * (count / worst) ** 0.5
            box = Rectangle((label - 0.48, truth - 0.48), 0.96, 0.96)
            box.set(facecolor=RIGHT if right else WRONG, alpha=strength, linewidth=0)
            axes.add_patch(box)
            size = min(8.0, 28 / len(str(count)))  # points: it fits its cell
            axes.text(label, truth, f"{count}", ha="center", va="center", fontsize=size)
    axes.set(xlim=(-0.5, width - 0.5), ylim=(CLASSES - 0.5, -0.5))
    axes.set(xlabel="label given", ylabel="truth")
    names = [*map(str, range(CLASSES)), "none"]
    axes.set_xticks(range(width), names[:width])
    axes.set_yticks(range(CLASSES), names[:CLASSES])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _digits(figure: "Figure", per_digit: tuple[DigitMetrics, ...]) -> None:
    axes = figure.add_subplot()
    known = [
        (each.digit, each.recall, each.recall_interval)
        for each in per_digit
        if each.recall is not None and each.recall_interval is not None
    ]
    _error_bars(axes, known)
    axes.set(xticks=range(CLASSES), xlim=(-0.6, CLASSES - 0.4))
    axes.set(xlabel="digit", ylabel="read right (95% interval)")
    axes.yaxis.grid(True)
    _percent(axes.yaxis)


def _reliability(figure: "Figure", filled: tuple[Bin, ...]) -> None:
    upper, lower = figure.subplots(2, sharex=True, height_ratios=(3, 1))
    upper.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)))
    confidence = [each.confidence for each in filled]
    whole = (0.0, 1.0)
    _error_bars(upper, [(b.confidence, b.accuracy, b.accuracy_interval or whole) for b in filled])
    upper.set(ylim=(-0.03, 1.03), ylabel="accuracy")
    upper.text(0.02, 0.9, "above the line: too modest", color=MUTED, fontsize=8)
    upper.text(1.02, 0.03, "below: too sure", color=MUTED, fontsize=8, ha="right")
    lower.bar(confidence, [each.n for each in filled], width=0.045, color=RIGHT, alpha=0.6)
    lower.set(yscale="log", ylabel="rows", xlabel="confidence", xlim=(0, 1.03))
    lower.set_ylim(bottom=0.7)
    lower.minorticks_off()
    _percent(upper.yaxis)
    _percent(lower.xaxis)
    upper.grid(True)


def _risk_coverage(figure: "Figure", curve: tuple[OperatingPoint, ...]) -> None:
    axes = figure.add_subplot()
    coverage, error = [each.coverage for each in curve], [each.error for each in curve]
    axes.plot(coverage, error, color=RIGHT, linewidth=1.8, marker="o" if len(curve) == 1 else None)
    top = max(*error, 1.3 * max(TARGET_ERRORS)) * 1.08
    for target in TARGET_ERRORS:
        axes.axhline(target, color=WRONG, linewidth=0.8, linestyle=(0, (4, 3)))
        if target > top / 40:  # else its name would lie on the axis
            axes.text(0.01, target, f"{target:.1%}", color=MUTED, va="bottom", fontsize=8)
    axes.set(xlim=(0, 1.02), ylim=(0, top))
    axes.set(xlabel="share of rows trusted, the surest first", ylabel="errors among them")
    axes.yaxis.grid(True)
    _percent(axes.xaxis)
    _percent(axes.yaxis)


def _generalized_risk(figure: "Figure", curve: tuple[RiskPoint, ...]) -> None:
    axes = figure.add_subplot()
    coverage = [0.0, *(each.coverage for each in curve)]
    risk = [0.0, *(each.generalized_risk for each in curve)]
    axes.plot([0, 1], [0, risk[-1]], color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.fill_between(coverage, risk, color=RIGHT, alpha=0.2, linewidth=0)
    axes.plot(coverage, risk, color=RIGHT, linewidth=1.8)
    axes.set(xlim=(0, 1.02), ylim=(0, max(risk[-1] * 1.08, 1.3 * min(TARGET_ERRORS))))
    axes.set(xlabel="share of rows trusted, the surest first", ylabel="trusted and wrong, of all")
    axes.yaxis.grid(True)
    _percent(axes.xaxis)
    _percent(axes.yaxis)


def _error_bars(axes: "Axes", points: Sequence[tuple[float, float, Interval]]) -> None:
    """Points with their intervals; a Wilson interval may end just short of a share of 0 or 1."""
    x, y, _ = zip(*points, strict=True)
    below = [max(value - low, 0) for _, value, (low, _) in points]
    above = [max(high - value, 0) for _, value, (_, high) in points]
    axes.errorbar(x, y, yerr=[below, above], fmt="o", color=RIGHT, markersize=4, linewidth=1.2)


def _percent(axis: Any) -> None:
    from matplotlib.ticker import PercentFormatter

    axis.set_major_formatter(PercentFormatter(xmax=1))
