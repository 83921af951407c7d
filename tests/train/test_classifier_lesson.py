"""What a batch's loss is."""

import os
import subprocess
import sys

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


SCANNED = """
import keras, numpy as np
from keras import layers
from train.classifier_lesson import ClassifierLesson, ScannedLesson

rng = np.random.default_rng(0)
data = {
    "pixels": rng.integers(0, 256, (4, 3, 28, 28), np.uint8),
    "labels": np.tile(np.arange(3, dtype=np.int32), (4, 1)),
    "targets": np.tile(np.eye(10, dtype=np.float32)[:3], (4, 1, 1)),
}

def trained(lesson_of, places):
    keras.utils.set_random_seed(1)
    stack = [layers.Input((28, 28, 1)), layers.Flatten(), layers.Dense(10)]
    lesson = lesson_of(keras.Sequential(stack))
    lesson.learn_by(keras.optimizers.AdamW(1e-3, weight_decay=0.02))
    steps = (({name: each[place] for name, each in data.items()},) for place in places)
    lesson.fit(steps, steps_per_epoch=len(places), verbose=0)
    return lesson.get_weights()

one_by_one = trained(ClassifierLesson, range(4))
scanned = trained(ScannedLesson, [slice(0, 2), slice(2, 4)])
for wanted, found in zip(one_by_one, scanned, strict=True):
    np.testing.assert_allclose(found, wanted, atol=1e-5)
"""


@pytest.mark.slow
def test_scanned_steps_are_the_same_steps():
    pytest.importorskip("jax")
    subprocess.run(
        [sys.executable, "-c", SCANNED], check=True, env={**os.environ, "KERAS_BACKEND": "jax"}
    )
