"""The whole way on MNIST's 10,000 test pictures, with the shipped model."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy import stats
from sklearn import metrics
from sklearn.calibration import calibration_curve

from batch_predict.errors import ExitCode
from batch_predict.evaluate.reliability import BINS
from batch_predict.job import run
from batch_predict.options import Options
from batch_predict.report.cli import main

pytestmark = [pytest.mark.data, pytest.mark.slow, pytest.mark.timeout(600)]

DIGITS = list(range(10))
FLIPPED = 150


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory, digits_data: Path) -> Path:
    """A run with probabilities; returns its CSV."""
    folder = tmp_path_factory.mktemp("mnist")
    with np.load(digits_data / "mnist.npz") as data:
        pictures, truths = data["x_test"], data["y_test"]
    for digit in DIGITS:
        (folder / "in" / str(digit)).mkdir(parents=True)
    for number, (pixels, truth) in enumerate(zip(pictures, truths, strict=True)):
        Image.fromarray(pixels).save(folder / "in" / str(truth) / f"{number:05d}.png")
    output = folder / "out.csv"
    code = run(Options(in_dir=str(folder / "in"), output=str(output), probabilities=True))
    assert code is ExitCode.OK
    return output


def report(output: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(output.with_suffix(".report.json").read_text())
    return found


def test_every_number_is_scikit_learns_from_the_csv(scored: Path) -> None:
    found, rows = report(scored), pd.read_csv(scored)
    truth, label, confidence = rows["truth"], rows["label"], rows["confidence"]
    ten = rows[[f"p{digit}" for digit in DIGITS]].to_numpy(copy=True)
    ten /= ten.sum(axis=1, keepdims=True)  # six decimals do not quite sum to 1
    correct = truth == label

    assert found["n"] == found["n_scored"] == 10_000
    assert found["accuracy"] == found["accuracy_scored"] == metrics.accuracy_score(truth, label)
    wilson = stats.binomtest(int(correct.sum()), 10_000).proportion_ci(method="wilson")
    assert found["accuracy_interval"] == pytest.approx(list(wilson), rel=1e-9)
    assert found["confusion_matrix"] == metrics.confusion_matrix(truth, label).tolist()
    columns = metrics.precision_recall_fscore_support(truth, label)
    for name, column in zip(("precision", "recall", "f1", "support"), columns, strict=True):
        ours = [each[name] for each in found["per_digit"]]
        assert ours == pytest.approx(column.tolist(), rel=1e-9)
    brier = metrics.brier_score_loss(truth, ten, labels=DIGITS)
    log_loss = metrics.log_loss(truth, ten, labels=DIGITS)
    assert found["brier"] == pytest.approx(brier, rel=1e-9)
    assert found["log_loss"] == pytest.approx(log_loss, rel=1e-9)
    for key, strategy in (("ece", "quantile"), ("ece_equal_width", "uniform")):
        assert found[key] == pytest.approx(ece(correct, confidence, strategy), abs=1e-6)
    auroc, error = metrics.roc_auc_score(correct, confidence), 1 - found["accuracy"]
    augrc = (1 - auroc) * found["accuracy"] * error + error**2 / 2
    assert found["augrc"] == pytest.approx(augrc)
    for each in found["coverage"]:
        trusted = confidence >= each["trust"]["threshold"]
        assert each["trust"]["coverage"] == trusted.mean()
        assert each["trust"]["error"] == (truth != label)[trusted].mean()
        assert each["trust"]["error"] <= each["target_error"]
    by_folder = rows.groupby(rows["path"].str[0])
    for group in found["by_folder"]:
        rows_of_it = by_folder.get_group(group["name"])
        assert group["accuracy"] == (rows_of_it["truth"] == rows_of_it["label"]).mean()


def ece(correct: "pd.Series[bool]", confidence: "pd.Series[float]", strategy: Any) -> float:
    """From scikit-learn's bins and the sizes that NumPy's histogram gives for the same edges."""
    accuracy, mean = calibration_curve(correct, confidence, n_bins=BINS, strategy=strategy)
    edges = np.linspace(0, 1, BINS + 1)
    if strategy == "quantile":
        edges = np.unique(np.quantile(confidence, edges))
    sizes = np.bincount(np.searchsorted(edges[1:-1], confidence))
    return float(np.average(np.abs(accuracy - mean), weights=sizes[sizes > 0]))


@pytest.mark.parametrize("with_probabilities", [True, False])
@pytest.mark.parametrize("seed", [0, 1])
def test_flipped_labels_come_first(
    scored: Path, tmp_path: Path, seed: int, with_probabilities: bool
) -> None:
    rows = pd.read_csv(scored, dtype=str)
    rng = np.random.default_rng(seed)
    places = rng.choice(len(rows), FLIPPED, replace=False)
    stated = rows["truth"].astype(int).to_numpy(copy=True)
    stated[places] = (stated[places] + rng.integers(1, 10, FLIPPED)) % 10
    labels = tmp_path / "labels.csv"
    pd.DataFrame({"path": rows["path"], "label": stated}).to_csv(labels, index=False)
    output = tmp_path / "out.csv"
    kept = rows if with_probabilities else rows.iloc[:, :6]
    kept.to_csv(output, index=False, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)

    assert main([str(output), "--labels", str(labels)]) == 0
    suspects: Sequence[dict[str, Any]] = report(output)["suspected_label_errors"]
    flipped = set(rows["path"].iloc[places])
    assert sum(each["path"] in flipped for each in suspects[:200]) >= 0.9 * FLIPPED
