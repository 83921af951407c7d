"""`models/README.md`, the model card in Hugging Face's form, says what the cards beside it say."""

import json
import re
import subprocess
import sys
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from tests.conftest import ROOT

MODELS = ROOT / "models"
_, FRONT, TEXT = (MODELS / "README.md").read_text(encoding="utf-8").split("---\n", 2)
METADATA: dict[str, Any] = yaml.safe_load(FRONT)


def card(name: str) -> Any:
    return json.loads((MODELS / f"{name}.json").read_text(encoding="utf-8"))


def test_the_metadata_are_those_of_the_hub() -> None:
    """Its `ModelCard` gives the same back; the names are from its list of tasks and libraries."""
    assert {name: METADATA[name] for name in ("license", "library_name", "pipeline_tag")} == {
        "license": "mit",
        "library_name": "keras",
        "pipeline_tag": "image-classification",
    }
    assert (METADATA["datasets"], METADATA["metrics"]) == (["ylecun/mnist"], ["accuracy"])
    assert all(re.fullmatch(r"[a-z-]+", tag) for tag in METADATA["tags"])


def test_the_results_are_those_of_the_default_models_card() -> None:
    """One model: what the hub's library reads has no more."""
    (model,) = METADATA["model-index"]
    (result,) = model["results"]
    assert (model["name"], result["task"]["type"]) == ("digits", METADATA["pipeline_tag"])
    assert (result["dataset"]["type"], result["dataset"]["split"]) == ("ylecun/mnist", "test")
    said = {each["type"]: each["value"] for each in result["metrics"]}
    digits = card("digits")
    assert said == {
        "accuracy": digits["accuracy"]["value"],
        "expected_calibration_error": digits["calibration"]["ece"],
    }


def test_the_table_has_the_figures_of_every_classifier() -> None:
    rows = [re.split(r"\s*\|\s*", row)[1:-1] for row in re.findall(r"^\| `.*%.*", TEXT, re.M)]
    assert len(rows) == 4
    for name, *figures in rows:
        of = card(name.strip("`"))
        low, high = of["accuracy"]["interval_95"]
        review = of.get("review")
        assert figures == [
            f"{of['parameters']:,}",
            f"{of['accuracy']['value']:.2%}",
            f"{low:.2%} to {high:.2%}",
            f"{of['calibration']['ece']:.2%}" if review else "",
            f"{review['share']:.2%}" if review else "",
            f"{review['silently_wrong'] / of['accuracy']['n']:.2%}" if review else "",
        ]


def test_every_network_is_named_and_links_lead_somewhere() -> None:
    named = set(re.findall(r"`([\w-]+\.keras)`", TEXT))
    assert named == {path.name for path in MODELS.glob("*.keras")}
    links = [urlsplit(link).path for link in re.findall(r"\]\(([^)]+)\)", TEXT)]
    assert [link for link in links if not (MODELS / link).exists()] == []


@pytest.mark.slow
def test_the_program_answers_as_it_says() -> None:
    (program,) = re.findall(r"```python\n(.*?)```", TEXT, re.S)
    before = "import numpy as np\npixels = np.zeros((3, 28, 28, 1), np.float32)\n"
    after = "\nassert probabilities.shape == (3, 10), probabilities.shape"
    subprocess.run([sys.executable, "-c", before + program + after], cwd=ROOT, check=True)
