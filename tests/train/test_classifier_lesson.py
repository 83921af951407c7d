"""What a batch's loss is."""

import keras
import numpy as np
import pytest
from keras import layers

from train.classifier_lesson import ClassifierLesson
from train.teachers import Teachers


def constant(logits):
    """A network that gives the same logits whatever it sees."""
    dense = layers.Dense(10)
    network = keras.Sequential([layers.Input((28, 28, 1)), layers.Flatten(), dense])
    dense.set_weights([np.zeros((784, 10), np.float32), np.float32(logits)])
    return network


def batch(labels):
    pixels, told = np.zeros((len(labels), 28, 28), np.uint8), np.array(labels, np.int32)
    targets = Teachers().targets(pixels, told, np.zeros(len(labels), np.float32))
    return {"pixels": pixels, "labels": told, "targets": targets}


@pytest.mark.parametrize(
    ("label", "logit", "least", "most"),
    [
        pytest.param(3, 20.0, 0.0, 1e-3, id="a right answer"),
        pytest.param(4, 20.0, 10.0, 30.0, id="a wrong one"),
        pytest.param(10, 20.0, 10.0, 30.0, id="an answer to no digit"),
        pytest.param(10, 0.0, 2.3, 2.31, id="all alike to no digit"),
    ],
)
def test_the_loss_of(label, logit, least, most):
    logits = np.where(np.arange(10) == 3, logit, 0.0)
    found = ClassifierLesson(constant(logits))(batch([label]))
    assert least <= float(found["entropy"][0]) <= most
    assert float(found["right"][0]) == (label == 3)
