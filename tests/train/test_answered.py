"""What comes of pictures by the program, with a network whose answer is read off the pixels."""

import numpy as np
import pytest

from batch_predict.drift.profile import profile_of
from batch_predict.engines import full_batches
from batch_predict.records import Blank, ImageRef, Prepared
from batch_predict.runtimes.looks_plan import NEVER, Form, Look, LooksPlan
from batch_predict.runtimes.model_file import ModelFile
from batch_predict.runtimes.rule import Rule
from batch_predict.scoring import Networks, Scorer
from tests.support import fakes
from train import answered
from train.answered import answered_by, opinions

AS_IT_READS = Rule.read({"weights": {"as it stands": 1}, "no digit": {"constant": -20}})
REVIEW_BELOW = 0.6


def look(sure):
    return Look(dict.fromkeys(Form, AS_IT_READS), dict.fromkeys(Form, sure))


def scorer(plan):
    classifier = fakes.load_classifier(ModelFile("", "", None, None), answered.BATCH)
    return Scorer(Networks(classifier, fakes.marker(), None), plan, answered.BATCH, REVIEW_BELOW)


@pytest.fixture
def items(monkeypatch):
    """Eleven pictures, the fourth of which is blank and the last of which has another truth."""
    monkeypatch.setattr(answered, "BATCH", 4)
    monkeypatch.setattr(full_batches, "SCORED_TOGETHER", 1)
    rng = np.random.default_rng(3)
    made = []
    for number in range(11):
        pixels = rng.integers(0, 256, (28, 28), np.uint8)
        label, _ = fakes.expected(pixels)
        ref = ImageRef(str(number), truth=(label + (number == 10)) % 10)
        made.append(Blank(ref) if number == 3 else Prepared(ref, pixels))
    return made


def confidences(items):
    return np.array([fakes.expected(i.pixels)[1] for i in items if isinstance(i, Prepared)])


def test_answers_lie_where_their_pictures_do(items):
    found, looked = answered_by(scorer(None), items)
    assert looked == {"screen": 10, "first_reading": 0, "all_readings": 0}
    np.testing.assert_array_equal(found.has_label, np.arange(11) != 3)
    np.testing.assert_array_equal(found.right, ~np.isin(np.arange(11), (3, 10)))
    np.testing.assert_allclose(
        found.probabilities.max(axis=1)[found.has_label], confidences(items), atol=1e-6
    )
    np.testing.assert_array_equal(found.review[found.has_label], confidences(items) < REVIEW_BELOW)
    assert not found.review[3]
    prepared = [item for item in items if isinstance(item, Prepared)]
    np.testing.assert_array_equal(
        found.pictures.pixels[found.has_label], [item.pixels for item in prepared]
    )
    labels = found.probabilities.argmax(axis=1)[found.has_label]
    ink = [item.pixels.mean() / 255 for item in prepared]
    assert found.profile() == profile_of(labels, confidences(items), ink)


def test_looks_are_counted(items):
    plan = LooksPlan({}, look(0.75), look(NEVER), None)
    _, looked = answered_by(scorer(plan), items)
    again = int((confidences(items) < 0.75).sum())
    assert 0 < again < 10
    assert looked == {"screen": 10 - again, "first_reading": again, "all_readings": 0}


def test_opinions_come_as_many_together_as_a_run_scores(items):
    prepared = [item for item in items if isinstance(item, Prepared)]
    batches = [batch.refs for batch, _ in opinions(scorer(None), prepared)]
    assert [len(refs) for refs in batches] == [4, 4, 2]
    assert [ref for refs in batches for ref in refs] == [item.ref for item in prepared]
