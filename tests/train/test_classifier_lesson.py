"""What a batch's loss is, with and without teachers, on whatever scale those take pixels."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from batch_predict.runtimes.keras_runtime import LoadedNetwork, load_network
from batch_predict.runtimes.model_file import find_model
from batch_predict.runtimes.scale import UNIT
from tests.support import own_models
from train.classifier_lesson import ClassifierLesson


def constant(logits):
    """A network that gives the same logits whatever it sees."""
    dense = layers.Dense(10)
    network = keras.Sequential([layers.Input((28, 28, 1)), layers.Flatten(), dense])
    dense.set_weights([np.zeros((784, 10), np.float32), np.float32(logits)])
    return network


def batch(labels):
    pixels = np.zeros((len(labels), 28, 28), np.uint8)
    untaught = np.zeros(len(labels), np.float32)
    return {"pixels": pixels, "labels": np.array(labels, np.int32), "taught": untaught}


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


@pytest.mark.parametrize("scale", ["float", "rescaled", "-1 to 1", "dark ink, bytes"])
def test_a_teacher_sees_pixels_on_its_own_scale(tmp_path, scale):
    teacher = own_models.make("sequential", (28, 28, 1), "softmax", scale)
    path = own_models.save(teacher, tmp_path / "teacher.keras")
    pixels, labels = own_models.digits()
    lesson = ClassifierLesson(constant(np.zeros(10)), [load_network(find_model(str(path)), 8)])
    all_of_it = np.ones(len(labels), np.float32)
    targets = ops.convert_to_numpy(lesson._targets(pixels, labels, all_of_it))
    np.testing.assert_allclose(targets, own_models.expected(pixels), atol=1e-5)


def test_a_teacher_that_errs_does_not_teach():
    sure_of_3 = constant(np.where(np.arange(10) == 3, 20.0, 0.0))
    erring = LoadedNetwork(keras.Sequential([sure_of_3, layers.Softmax()]), UNIT)
    lesson = ClassifierLesson(constant(np.zeros(10)), [erring])
    pixels = np.zeros((2, 28, 28, 1), np.float32)
    targets = lesson._targets(pixels, np.array([3, 4], np.int32), np.float32([1, 1]))
    np.testing.assert_allclose(ops.convert_to_numpy(targets), np.eye(10)[[3, 4]], atol=1e-4)
