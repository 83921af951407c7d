import os

import keras
import numpy as np
import pytest

from train import compact, material
from train.compact import Recipe, fit_compact
from train.data import load
from train.export import fold
from train.fit import predict


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_epochs_reach_a_floor(tmp_path, monkeypatch):
    """The averaged weights would lag behind after so few, but that they follow faster here."""
    monkeypatch.setattr(compact, "AVERAGED_OVER", 0.98)
    few = {name: source._replace(pictures=500) for name, source in material.SOURCES.items()}
    monkeypatch.setattr(material, "SOURCES", few)
    data = load(os.path.join(os.environ["DIGITS_DATA"], "mnist.npz"), held_out=12)
    made = material.build(data.train, seed=1)
    recipe = Recipe("compact", seed=1, epochs=2, distinct=1)
    fitted = fit_compact(recipe, data, made, str(tmp_path))
    answers = predict(fold(fitted.model), data.validation).argmax(axis=1)
    assert (answers == data.validation.labels).mean() >= 0.95
    assert keras.mixed_precision.dtype_policy().name == "float32"
    assert np.isfinite(fitted.training["seconds"])
