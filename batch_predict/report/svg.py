"""Turns a matplotlib plot into inline SVG that takes its colours from the page's style sheet.

So a plot follows the light, dark and print style. matplotlib draws with placeholder colours
(`#000001` ...), which are then replaced by CSS variables (`var(--ink)` ...).
"""

import io
import logging
import os
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from batch_predict.temporary_folders import remove_with_process

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK: Final = "#000001"
MUTED: Final = "#000002"
GRID: Final = "#000003"
# Blue and orange can be told apart with every colour blindness (Okabe, Ito).
RIGHT: Final = "#000004"
WRONG: Final = "#000005"
COLOURS: Final = {INK: "ink", MUTED: "muted", GRID: "grid", RIGHT: "right", WRONG: "wrong"}
SIZE: Final = (4.3, 3.7)  # inches; fonts are in points, so a smaller figure has larger text
STYLE: Final[Any] = {
    "svg.fonttype": "none",  # text stays text: small, searchable, in the page's font
    "svg.hashsalt": "batch_predict",  # the same figures give the same bytes
    "font.size": 9,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": GRID,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
}
_METADATA: Final = re.compile(r"<metadata>.*?</metadata>|<!--.*?-->", re.DOTALL)
# Nothing refers to these ids; they would be repeated within the page.
_NUMBERED_ID: Final = re.compile(r' id="[A-Za-z_.]+_\d+"')
_FONT: Final = re.compile(r"(font: [0-9.]+px) [^;\"]+")
_OPENING: Final = re.compile(r"<svg [^>]*?(viewBox=\"[^\"]+\")[^>]*>")


def to_svg(plot: Callable[["Figure"], None], words: str) -> str:
    """The `<svg>` that `plot` draws, with `words` as its label for a screen reader."""
    # It logs that it builds its font cache; a run that went well is quiet.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    given = "MPLCONFIGDIR" in os.environ
    import matplotlib
    from matplotlib.figure import Figure

    matplotlib.get_cachedir()
    if not given and "MPLCONFIGDIR" in os.environ:  # no home takes files: it has made a folder
        remove_with_process(os.environ["MPLCONFIGDIR"])

    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # not what a user's own matplotlibrc says
        matplotlib.rcParams.update(STYLE)
        figure = Figure(figsize=SIZE, layout="constrained")
        plot(figure)
        file = io.StringIO()
        figure.savefig(file, format="svg", transparent=True)
    svg = file.getvalue()
    svg = _METADATA.sub("", svg[svg.index("<svg") :])
    svg = _NUMBERED_ID.sub("", svg).replace("xlink:href", "href")
    svg = _FONT.sub(r"\1 system-ui, sans-serif", svg)
    for colour, name in COLOURS.items():
        svg = svg.replace(colour, f"var(--{name})")
    return _OPENING.sub(rf'<svg \1 role="img" aria-label="{words}">', svg, count=1)
