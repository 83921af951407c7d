"""docs/explanation/scaling.md: its tables are what the bench makes of the figures that it names."""

import re
from typing import Any

import kubernetes_validate
import pytest
import yaml

from batch_predict import __version__
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


class NoKeyTwice(yaml.SafeLoader):
    """Refuses what `kubectl apply` refuses, too."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        assert len(set(keys)) == len(keys), keys
        return super().construct_mapping(node, deep)


@pytest.mark.parametrize("version", ["1.29", "1.31", kubernetes_validate.latest_version()])
def test_the_kubernetes_job_is_valid(version: str) -> None:
    text = (ROOT / "docs" / "how-to" / "kubernetes-job.yaml").read_text(encoding="utf-8")
    job = yaml.load(text, NoKeyTwice)
    kubernetes_validate.validate(job, version, strict=True)
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert container["image"].endswith(f":{__version__}")
    assert f"/{job['spec']['completions']} " in container["args"][0]


def test_the_tables_follow_from_the_figures() -> None:
    found = figures()
    assert figures_table(found) in PAGE
    assert billion_table(found, Prices()) in PAGE
    assert bottlenecks_table(found) in PAGE
