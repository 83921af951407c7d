"""The shipped models, measured again: their cards must hold what is measured."""

import os
from functools import cache, partial

import keras
import numpy as np
import pytest

from batch_predict.normalize.readings import ReadingKind
from batch_predict.records import CLASSES
from batch_predict.runtimes.keras_runtime import load_network
from batch_predict.runtimes.model_file import find_model
from batch_predict.runtimes.rule import HEAD, SOURCES, Said
from tests.conftest import ROOT
from train.answered import answered_by, scorer_of
from train.card import read_card
from train.data import HELD_OUT_OF_RENDERED, load, read_test
from train.ink_pool import SIDES, Renderer
from train.judging import said_of
from train.predict import PREDICT_BATCH, mean_answer, predict
from train.readings import concatenated
from train.rendered import read_rendered
from train.validation import VALIDATION_SEED

pytestmark = [pytest.mark.data, pytest.mark.slow]

INK = ROOT / "models" / "ink.keras"
MODELS = sorted(str(path) for path in (ROOT / "models").glob("*.keras") if path != INK)
MAP = SOURCES.index(ReadingKind.MAP)
OVERLAP = 0.01  # of 1: how far another processor may move what is measured of the ink
ROUNDING = 3  # pictures that another processor may round to another label


@pytest.fixture(scope="module")
def mnist():
    return load(os.path.join(os.environ["DIGITS_DATA"], "mnist.npz"))


@cache
def answered(path):
    """What comes of MNIST's test digits by a model with its looks."""
    items = read_test(os.path.join(os.environ["DIGITS_DATA"], "mnist.npz"))
    return answered_by(scorer_of(find_model(path)), items)[0]


@pytest.mark.parametrize("path", MODELS, ids=os.path.basename)
def test_the_accuracy_of_the_card(path, mnist):
    if find_model(path).looks is None:
        model = keras.saving.load_model(path, safe_mode=True)
        right = predict(model, mnist.test).argmax(axis=1) == mnist.test.labels
    else:
        right = answered(path).right
    assert abs(right.sum() - read_card(path)["accuracy"]["right"]) <= ROUNDING
    assert right.mean() >= 0.985


def test_the_default_model_keeps_its_promises():
    found = answered(str(ROOT / "models" / "digits.keras"))
    assert found.right.mean() >= 0.996
    assert found.calibration_error() <= 0.002
    assert found.review.mean() <= 0.0125
    assert sum(os.path.getsize(path) for path in MODELS) <= 8_000_000


@pytest.mark.timeout(600)
def test_all_that_is_said_of_a_rendered_digit_is_better_than_one_network_alone(tmp_path):
    """Of the digits that validated it, where the rule of the last look answers."""
    shipped = find_model("digits")
    judges = [load_network(each, PREDICT_BATCH) for each in shipped.judges or (shipped,)]
    data = load(os.path.join(os.environ["DIGITS_DATA"], "mnist.npz"), held_out=HELD_OUT_OF_RENDERED)
    counts = {"large": 500, "small": 500}
    onnx = str(INK.with_suffix(".onnx"))
    groups = read_rendered(str(tmp_path), data.validation, onnx, VALIDATION_SEED, counts, 2)
    read = concatenated(groups.values())

    said = said_of(read, partial(mean_answer, judges), again=True)
    digits = np.flatnonzero((read.shown.labels < CLASSES) & said.heard[:, MAP])
    labels, said = read.shown.labels[digits], Said._make(each[digits] for each in said)
    together = shipped.looks.all_readings.opinion(said, np.zeros(len(digits), bool))
    answers = (together.probabilities, said.digits[:, MAP], said.digits[:, SOURCES.index(HEAD)])
    losses = [-np.log(each[np.arange(len(each)), labels] + 1e-7).mean() for each in answers]
    assert losses[0] < min(losses[1:])


def test_the_ink_network_marks_what_its_card_says():
    """On the pictures that validated its training, rendered again."""
    model, card = keras.saving.load_model(INK, safe_mode=True), read_card(str(INK))
    data = load(os.path.join(os.environ["DIGITS_DATA"], "mnist.npz"), held_out=HELD_OUT_OF_RENDERED)
    renderer = Renderer(data, seed=1, workers=2, memory_gib=0.1)
    try:
        held = renderer.held_out({side: card["validation"][str(side)]["n"] for side in SIDES})
    finally:
        renderer.close()
    for side, batch in held.items():
        said = model.predict(batch.planes[..., :3].astype(np.float32), 32, verbose=0)
        marked, there = said["maps"][..., 0] > 0.5, batch.planes[..., 3] > 127
        both = np.count_nonzero(marked & there, axis=(1, 2))
        either = np.count_nonzero(marked | there, axis=(1, 2))
        overlap = ((both + 1) / (either + 1)).mean()
        assert abs(overlap - card["validation"][str(side)]["ink_overlap"]) <= OVERLAP
        right = (said["classes"].argmax(axis=1) == batch.labels).mean()
        assert abs(right - card["validation"][str(side)]["classes_right"]) <= OVERLAP
