"""Formats numbers for the HTML report."""

from collections.abc import Callable
from functools import partial
from typing import Final

from batch_predict.plural import plural

NO_FIGURE: Final = "\N{EN DASH}"


def percent(share: float | None) -> str:
    """`98.77%`; `100%` and `0%` only for exactly 1 and 0."""
    if share is None:
        return NO_FIGURE
    if share in (0, 1):
        return f"{share:.0%}"
    text = f"{share:.2%}"
    return {"0.00%": "<0.01%", "100.00%": ">99.99%"}.get(text, text)


def per_thousand(share: float) -> str:
    """`0.0342` of 1,000, to three digits; `0` only for exactly 0."""
    text = f"{1000 * share:.3g}"
    return "<0.001" if 0 < share < 1e-6 else text


def interval(pair: tuple[float, float] | None) -> str:
    """`98.53% to 98.97%`."""
    return NO_FIGURE if pair is None else f"{percent(pair[0])} to {percent(pair[1])}"


def shown_of(shown: int, whole: int) -> str:
    """`48 of 104 shown`; `2` where all are."""
    return f"{shown:,} of {whole:,} shown" if shown < whole else f"{whole:,}"


#: `1 picture`, `10,000 pictures`; it takes what `plural` takes
count: Final[Callable[..., str]] = partial(plural, form=",")
