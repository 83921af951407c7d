"""What teachers make of labels, on whatever scale they take pixels."""

import keras
import numpy as np
import pytest
from keras import layers

from batch_predict.runtimes.keras_runtime import LoadedNetwork, load_network
from batch_predict.runtimes.model_file import find_model
from batch_predict.runtimes.scale import UNIT
from tests.support import own_models
from train.teachers import Teachers


@pytest.mark.parametrize("scale", ["float", "rescaled", "-1 to 1", "dark ink, bytes"])
def test_a_teacher_sees_pixels_on_its_own_scale(tmp_path, scale):
    teacher = own_models.make("sequential", (28, 28, 1), "softmax", scale)
    path = own_models.save(teacher, tmp_path / "teacher.keras")
    pixels, labels = own_models.digits()
    teachers = Teachers([load_network(find_model(str(path)), 8)])
    shown = np.rint(pixels[..., 0] * 255).astype(np.uint8)
    targets = teachers.targets(shown, labels, np.ones(len(labels), np.float32))
    np.testing.assert_allclose(targets, own_models.expected(pixels), atol=1e-5)


def answering(answer):
    """A teacher that gives the same answer (10,) to all."""
    dense = layers.Dense(10)
    network = keras.Sequential([layers.Input((28, 28, 1)), layers.Flatten(), dense])
    dense.set_weights([np.zeros((784, 10), np.float32), np.float32(answer)])
    return LoadedNetwork(network, UNIT)


PICTURES = np.zeros((3, 28, 28), np.uint8)
LABELS = np.array([3, 4, 10])
SURE, UNSURE = 0.9 * np.eye(10)[3] + 0.01, 0.5 * np.eye(10)[3] + 0.05


@pytest.mark.parametrize(
    ("networks", "taught", "target"),
    [
        pytest.param([], 0.8, np.eye(10)[3], id="nobody teaches"),
        pytest.param([SURE], 1.0, SURE, id="the teacher's answer"),
        pytest.param([SURE], 0.4, 0.4 * SURE + 0.6 * np.eye(10)[3], id="so much of it"),
        pytest.param([SURE, UNSURE], 1.0, (SURE + UNSURE) / 2, id="the mean of two"),
    ],
)
def test_what_is_to_be_answered(networks, taught, target):
    teachers = Teachers([answering(each) for each in networks])
    targets = teachers.targets(PICTURES, LABELS, np.full(3, taught, np.float32))
    np.testing.assert_allclose(targets[0], target, atol=1e-6)
    np.testing.assert_allclose(targets[1], np.eye(10)[4], atol=1e-6)  # the teachers err
    np.testing.assert_allclose(targets[2], np.full(10, 0.1), atol=1e-6)
