"""Draws the parts of a plot as inline SVG, which the page's style sheet gives colours and a font.

So a plot follows the light, dark and print style. A browser shows a mark's `<title>` where the
pointer rests on it.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import chain, pairwise
from typing import Final

# User units; the style sheet sets the font in the same ones, and scales the plot to the page.
WIDTH: Final = 310.0
HEIGHT: Final = 266.0
TOP: Final = 6.0  # of the upper plot area
RIGHT: Final = 302.0
BOTTOM: Final = 232.0  # below it the axis has its ticks and its name
_CHARACTER: Final = 6.4  # the width of a character, as wide as a font may have it
_GAP: Final = 5.0  # between an axis and its ticks
_NAME: Final = 14.0  # for the name of the axis on the left
_MOST_STEPS: Final = 8  # from one end of an axis to the other
_MOST_STOPS: Final = 60  # of a pointer along a curve: a finer one can't be aimed at

Tick = tuple[float, str]  # a value, and how it is written


@dataclass(frozen=True)
class Scale:
    """Where a value lies in the plot: `low` at `start` and `high` at `end`, in user units."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The place of `value`."""
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def percent_ticks(self) -> list[Tick]:
        """A tick at each multiple, within the scale, of a round step: 1, 2 or 5 in some decimal."""
        least = (self.high - self.low) / _MOST_STEPS
        power = 10.0 ** math.floor(math.log10(least))
        step = next(n * power for n in (1, 2, 5, 10) if n * power >= least * 0.999)
        decimals = max(-math.floor(math.log10(step) + 2.001), 0)
        first, last = math.ceil(self.low / step), math.floor(self.high / step + 0.001)
        shares = (step * n for n in range(first, last + 1))
        return [(share, f"{share:.{decimals}%}") for share in shares]


def svg(words: str, *parts: str) -> str:
    """The `<svg>` of `parts`, with `words` as its label for a screen reader."""
    drawn = "\n".join(parts)
    label = escape(words)
    return f'<svg viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="{label}">{drawn}</svg>'


def group(title: str, *parts: str) -> str:
    """Marks that tell one figure, which `title` says."""
    return f"<g><title>{escape(title)}</title>{''.join(parts)}</g>"


def rectangle(
    css_class: str, left: float, top: float, width: float, height: float, **more: str
) -> str:
    """A rectangle of the class `css_class`; `more` are attributes."""
    given = "".join(f' {name}="{value}"' for name, value in more.items())
    return (
        f'<rect class="{css_class}" x="{left:.4g}" y="{top:.4g}"'
        f' width="{width:.4g}" height="{height:.4g}"{given}/>'
    )


def dot(x: float, y: float) -> str:
    """A point of data."""
    return f'<circle class="mark" cx="{x:.4g}" cy="{y:.4g}" r="2.4"/>'


def line(css_class: str, *points: tuple[float, float]) -> str:
    """A line of the class `css_class` through `points`; one of the class `area` is filled."""
    path = " ".join(f"{x:.4g},{y:.4g}" for x, y in points)
    return f'<polyline class="{css_class}" points="{path}"/>'


def text(
    css_class: str, x: float, y: float, words: str, *, anchor: str = "middle", **more: str
) -> str:
    """`words` of the class `css_class` on the line at `y`: `x` is their start, middle or end."""
    given = "".join(f' {name}="{value}"' for name, value in more.items())
    return (
        f'<text class="{css_class}" x="{x:.4g}" y="{y:.4g}" text-anchor="{anchor}"{given}>'
        f"{escape(words)}</text>"
    )


def room_for(ticks: Iterable[Tick]) -> float:
    """The left edge of a plot area beside an axis with these ticks and a name."""
    return _NAME + _GAP + _CHARACTER * max(len(written) for _, written in ticks)


def bottom_axis(x: Scale, y: float, ticks: Iterable[Tick], name: str) -> str:
    """The line below a plot area that ends at `y`, its ticks, and what they count."""
    edge = line("grid", (x.start, y), (x.end, y))
    written = [text("tick", x(value), y + 12, words) for value, words in ticks]
    return "".join([edge, *written, text("name", (x.start + x.end) / 2, y + 27, name)])


def left_axis(y: Scale, left: float, ticks: Iterable[Tick], name: str) -> str:
    """The line beside a plot area that begins at `left`, its ticks, and what they count."""
    edge = line("grid", (left, y.start), (left, y.end))
    written = [text("tick", left - _GAP, y(v) + 3, words, anchor="end") for v, words in ticks]
    middle = (y.start + y.end) / 2
    turned = text("name", 9, middle, name, transform=f"rotate(-90 9 {middle:.4g})")
    return "".join([edge, *written, turned])


def grid(x: Scale, y: Scale, columns: Iterable[Tick], rows: Iterable[Tick]) -> str:
    """A line through the plot area at each tick."""
    down = (line("grid", (x(v), y.start), (x(v), y.end)) for v, _ in columns)
    across = (line("grid", (x.start, y(v)), (x.end, y(v))) for v, _ in rows)
    return "".join(chain(down, across))


def error_bar(x: float, y: float, low: float, high: float) -> str:
    """A point of data with its interval, from `low` to `high`."""
    return line("whisker", (x, low), (x, high)) + dot(x, y)


def stops(y: Scale, points: Sequence[tuple[float, float, str]]) -> str:
    """Where a pointer stops along a curve: at x and y in the plot, with a title.

    Each has the whole height of the plot area, and half the way to its neighbours.
    """
    kept = points[:: math.ceil(len(points) / _MOST_STOPS)]
    middles = [(a + b) / 2 for (a, _, _), (b, _, _) in pairwise(kept)]
    edges = pairwise([kept[0][0] - 3, *middles, kept[-1][0] + 3])
    return "".join(
        group(title, rectangle("stop", left, y.end, right - left, y.start - y.end), dot(x, at))
        for (x, at, title), (left, right) in zip(kept, edges, strict=True)
    )
