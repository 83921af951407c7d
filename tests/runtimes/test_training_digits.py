"""What a model learned from is known where its card says so, and no run fails for it."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from batch_predict.pixel_hash import pixel_hashes
from batch_predict.runtimes.model_file import ModelFile, find_model
from batch_predict.runtimes.training_digits import training_digits
from batch_predict.storage.file_hash import file_sha256
from tests.conftest import ROOT

HASHES = np.array([-3, 1, 8])


@pytest.fixture
def model(tmp_path: Path) -> Callable[[Any], ModelFile]:
    """A model whose card has the field, with a file beside it."""
    np.savez(tmp_path / "a.training.npz", pixel_hashes=HASHES)

    def model(field: Any) -> ModelFile:
        return ModelFile(str(tmp_path / "a.keras"), "", {"training_digits": field}, None)

    return model


def test_what_the_card_names(model: Callable[[Any], ModelFile], tmp_path: Path) -> None:
    named = {"file": "a.training.npz", "sha256": file_sha256(str(tmp_path / "a.training.npz"))}
    found = training_digits(model(named))
    assert found is not None
    assert found.tolist() == HASHES.tolist()


@pytest.mark.parametrize(
    ("field", "words"),
    [
        pytest.param(None, None, id="nothing"),
        pytest.param({"file": "b.npz", "sha256": ""}, None, id="not there"),
        pytest.param({"file": "a.training.npz", "sha256": "0"}, "is not the file", id="another"),
        pytest.param({"sha256": "0"}, "'file'", id="no name"),
        pytest.param({"file": 7, "sha256": "0"}, "int", id="a number"),
        pytest.param("a.training.npz", "indices", id="no object"),
    ],
)
def test_what_is_not_known(
    model: Callable[[Any], ModelFile],
    field: Any,
    words: str | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert training_digits(model(field)) is None
    warned = [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]
    assert len(warned) == (words is not None)
    assert words is None or words in warned[0]


def test_the_shipped_model_knows_60000_and_no_test_digit() -> None:
    found = training_digits(find_model("digits"))
    assert found is not None
    assert (len(found), bool((found[1:] > found[:-1]).all())) == (60_000, True)
    with np.load(ROOT / "models" / "probe_digits.npz") as file:
        assert not np.isin(pixel_hashes(file["pixels"]), found).any()
