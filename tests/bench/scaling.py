"""What a billion pictures cost, and where the next bottleneck is, from what one run measured.

`tests.bench.scale page` measures and prints; docs/explanation/scaling.md has what it printed, and
a test reads the figures from there and asks for the same tables.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

_BILLION: Final = 10**9
_VCPUS: Final = 2  # of a machine, as of that on which the figures were measured
MACHINES: Final = {10**6: 1, _BILLION: 16, 10**11: 1000}  # by the number of pictures
#: requests a second for a prefix, as S3's documentation says
READS_OF_PREFIX: Final = 5_500


class Layout(NamedTuple):
    """Pictures as they lie in a bucket, and what a job over them takes."""

    name: str
    stored: int  # bytes a picture
    read: int  # bytes a picture
    gets: float  # requests a thousand pictures, those that ask for a size alone among them
    lists: float  # requests a thousand pictures
    cpu_us: int  # a picture, after start-up


class Figures(NamedTuple):
    """All that was measured."""

    layouts: tuple[Layout, ...]
    keys_s: int  # listed, a second
    merge_us: int  # CPU of `merge`, a row
    work_bytes: int  # of the checkpoint, a picture


class Prices(NamedTuple):
    """US dollars: list prices of AWS, us-east-1, S3 Standard and c7i.large, of mid-2025."""

    get: float = 0.0004  # a thousand
    list: float = 0.005  # a thousand
    stored: float = 0.023  # a gigabyte and month
    vcpu: float = 0.0446  # an hour


FIGURES_HEAD: Final = """\
| layout | bytes stored | bytes read | GET a thousand | LIST a thousand | CPU, us |
| --- | ---: | ---: | ---: | ---: | ---: |
"""
OTHER_FIGURES: Final = (
    "Keys are listed at {} a second. `merge` takes {} us of CPU a row; the checkpoint {} bytes a"
    " picture.\n"
)


def figures_table(figures: Figures) -> str:
    """`figures`, as the page has them."""
    lines = (
        f"| {each.name} | {each.stored} | {each.read} | {each.gets:.2f} | {each.lists:.2f}"
        f" | {each.cpu_us} |\n"
        for each in figures.layouts
    )
    others = (figures.keys_s, figures.merge_us, figures.work_bytes)
    return f"{FIGURES_HEAD}{''.join(lines)}\n{OTHER_FIGURES.format(*others)}"


def billion_table(figures: Figures, prices: Prices) -> str:
    """What a billion pictures take, by layout."""
    head = (
        "| a billion pictures as | requests | GB read | vCPU hours | requests, $ | compute, $"
        " | both, $ | stored, $ a month |\n"
    )
    return head + f"| --- |{' ---: |' * 7}\n" + "".join(_billion_lines(figures, prices))


def _billion_lines(figures: Figures, prices: Prices) -> Iterator[str]:
    for each in figures.layouts:
        thousands = _BILLION / 1000
        vcpu_hours = _BILLION * each.cpu_us / 1e6 / 3600
        asked = thousands * (each.gets * prices.get + each.lists * prices.list) / 1000
        computed = vcpu_hours * prices.vcpu
        cells = (
            f"{thousands * (each.gets + each.lists):,.0f}",
            f"{each.read * _BILLION / 1e9:,.0f}",
            f"{vcpu_hours:,.0f}",
            f"{asked:,.2f}",
            f"{computed:,.2f}",
            f"{asked + computed:,.2f}",
            f"{each.stored * _BILLION / 1e9 * prices.stored:,.2f}",
        )
        yield f"| {each.name} | {' | '.join(cells)} |\n"


def bottlenecks_table(figures: Figures) -> str:
    """How long each stage takes where it is alone, and so which is the bottleneck."""
    head = (
        "| pictures | machines | as | listing, h | scoring, h | one prefix's rate, h | `merge`, h"
        " | checkpoint, GB a machine | bottleneck |\n"
    )
    lines = (
        _bottleneck_line(pictures, each, figures)
        for pictures in MACHINES
        for each in figures.layouts
    )
    return head + f"| ---: | ---: | --- |{' ---: |' * 5} --- |\n" + "".join(lines)


def _bottleneck_line(pictures: int, layout: Layout, figures: Figures) -> str:
    machines = MACHINES[pictures]
    hours = {
        "listing": pictures * layout.lists / figures.keys_s / 3600,
        "scoring": pictures * layout.cpu_us / 1e6 / _VCPUS / machines / 3600,
        "the rate of a prefix": pictures * layout.gets / 1000 / READS_OF_PREFIX / 3600,
        "`merge`": pictures * figures.merge_us / 1e6 / 3600,
    }
    cells = [f"{each:,.1f}" for each in hours.values()]
    cells.append(f"{pictures * figures.work_bytes / machines / 1e9:,.1f}")
    bottleneck = max(hours, key=lambda name: hours[name])
    return f"| {pictures:,} | {machines:,} | {layout.name} | {' | '.join(cells)} | {bottleneck} |\n"
