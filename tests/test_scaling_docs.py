"""docs/explanation/scaling.md: its tables are what the bench makes of the figures that it names."""

import re

import kubernetes_validate
import yaml

from tests.bench.scaling import (
    FIGURES_HEAD,
    OTHER_FIGURES,
    Figures,
    Layout,
    Prices,
    billion_table,
    bottlenecks_table,
    figures_table,
)
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "explanation" / "scaling.md").read_text(encoding="utf-8")


def figures() -> Figures:
    """Those that the page names."""
    table, _, rest = PAGE.partition(FIGURES_HEAD)[2].partition("\n\n")
    layouts = []
    for line in table.splitlines():
        name, stored, read, gets, lists, cpu = line.strip("| ").split(" | ")
        numbers = (int(stored), int(read), float(gets), float(lists), int(cpu))
        layouts.append(Layout(name, *numbers))
    others = re.match(re.escape(OTHER_FIGURES).replace(r"\{\}", r"(\d+)"), rest)
    assert others is not None
    return Figures(tuple(layouts), *map(int, others.groups()))


def test_the_kubernetes_job_is_valid() -> None:
    job = yaml.safe_load((ROOT / "docs" / "how-to" / "kubernetes-job.yaml").read_text())
    kubernetes_validate.validate(job, "1.31", strict=True)


def test_the_tables_follow_from_the_figures() -> None:
    found = figures()
    assert figures_table(found) in PAGE
    assert billion_table(found, Prices()) in PAGE
    assert bottlenecks_table(found) in PAGE
