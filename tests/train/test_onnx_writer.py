"""A classifier's ONNX file, written layer by layer. That of the ink: test_ink_network."""

import keras
import numpy as np
import onnxruntime
import pytest

from train.export import fold
from train.onnx_writer import to_onnx
from train.registry import build


@pytest.mark.slow
@pytest.mark.parametrize("network", ["compact", "article-summary"])
def test_onnx_answers_as_keras_does(network):
    keras.utils.set_random_seed(0)
    model = build(network)
    model = fold(model) if network == "compact" else model
    session = onnxruntime.InferenceSession(to_onnx(model).SerializeToString())
    pixels = np.random.default_rng(0).random((5, 28, 28, 1), np.float32)
    (answers,) = session.run(["probabilities"], {session.get_inputs()[0].name: pixels})
    np.testing.assert_allclose(answers, model.predict(pixels, verbose=0), atol=1e-5)
