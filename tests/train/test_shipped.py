"""The shipped models, measured again: their cards must hold what is measured."""

import os

import keras
import pytest

from tests.conftest import ROOT
from train.calibrate import calibration_error
from train.card import accuracy, read_card
from train.data import load
from train.fit import predict

pytestmark = [pytest.mark.data, pytest.mark.slow]

MODELS = sorted(str(path) for path in (ROOT / "models").glob("*.keras"))
ROUNDING = 3  # pictures that another processor may round to another label


@pytest.fixture(scope="module")
def mnist():
    return load(os.path.join(os.environ["DIGITS_DATA"], "mnist.npz"))


@pytest.mark.parametrize("path", MODELS, ids=os.path.basename)
def test_the_accuracy_of_the_card(path, mnist):
    model, card = keras.saving.load_model(path, safe_mode=True), read_card(path)
    measured = accuracy(predict(model, mnist.test), mnist.test.labels)
    assert abs(measured["right"] - card["accuracy"]["right"]) <= ROUNDING
    assert measured["value"] >= 0.985


def test_the_default_model_keeps_its_promises(mnist):
    path = str(ROOT / "models" / "digits.keras")
    model, card = keras.saving.load_model(path, safe_mode=True), read_card(path)
    probabilities, labels = predict(model, mnist.test), mnist.test.labels
    review = probabilities.max(axis=1) < card["review_below"]
    wrong = probabilities.argmax(axis=1) != labels
    assert (~wrong).mean() >= 0.996
    assert calibration_error(probabilities, labels) <= 0.002
    assert review.mean() <= 0.01
    assert model.count_params() <= 300_000
    assert os.path.getsize(path) <= 1_500_000
