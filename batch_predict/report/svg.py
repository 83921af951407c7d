"""A matplotlib plot as inline SVG whose colours are the page's own: for light, dark and paper.

matplotlib draws with stand-ins (`#000001` ...), which then become `var(--ink)` and so on.
"""

import io
import logging
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK: Final = "#000001"
MUTED: Final = "#000002"
GRID: Final = "#000003"
# Blue and orange tell apart with every kind of colour blindness (Okabe, Ito).
RIGHT: Final = "#000004"
WRONG: Final = "#000005"
COLOURS: Final = {INK: "ink", MUTED: "muted", GRID: "grid", RIGHT: "right", WRONG: "wrong"}
SIZE: Final = (4.3, 3.7)  # inches; fonts are in points, so this sets how large they look
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
# Nothing refers to these; pages hold one each.
_NUMBERED_ID: Final = re.compile(r' id="[A-Za-z_.]+_\d+"')
_FONT: Final = re.compile(r"(font: [0-9.]+px) [^;\"]+")
_OPENING: Final = re.compile(r"<svg [^>]*?(viewBox=\"[^\"]+\")[^>]*>")


def draw(plot: Callable[["Figure"], None], words: str) -> str:
    """The `<svg>` that `plot` draws, with `words` as what a screen reader says."""
    # It tells of its font cache, which is nobody's concern; a run that went well is quiet.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    import matplotlib
    from matplotlib.figure import Figure

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
