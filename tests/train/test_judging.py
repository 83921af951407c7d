"""Looks fitted on made-up answers, of which the best is known."""

import subprocess
import sys
from functools import partial

import numpy as np
import pytest

from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.normalize.pipeline import normalize
from batch_predict.normalize.readings import ReadingKind
from batch_predict.records import (
    EMPTY,
    OTHER,
    Batch,
    ImageRef,
    Picture,
    Prepared,
    Reduced,
)
from batch_predict.runtimes.keras_runtime import load_network
from batch_predict.runtimes.looks_plan import NEVER, Form, Look, LooksPlan
from batch_predict.runtimes.model_file import find_model
from batch_predict.runtimes.rule import HEAD, SOURCES, UNMARKED, NoDigit, Opinion, Rule, Said
from tests.conftest import ROOT
from train import judging
from train import rendered as made
from train.answered import scorer_of
from train.data import Pictures
from train.judging import Heard, Judged, fit_looks, fit_rules, sure_from
from train.marking import marker
from train.predict import PREDICT_BATCH, mean_answer
from train.readings import Readings, Shown, load_readings

STANDS, MAP = SOURCES.index(ReadingKind.STANDS), SOURCES.index(ReadingKind.MAP)
COUNT = 20_000


def softmax(logits):
    odds = np.exp(logits)
    return (odds / odds.sum(axis=1, keepdims=True)).astype(np.float32)


def judged(labels, answers, is_mnist=True):
    """Pictures of `labels` (n,), given what each source answers: a mapping to (n, 10)."""
    said, places = Said.nothing(len(labels)), np.arange(len(labels))
    for source, each in answers.items():
        said.hear(places, np.full(len(labels), SOURCES.index(source)), each.astype(np.float32))
    forms = np.broadcast_to(is_mnist, len(labels)).copy()
    return Judged(np.asarray(labels, np.uint8), forms, said)


def drawn(rng, likely):
    """Labels (n,) as likely as (n, 10) says."""
    return (likely.cumsum(axis=1) > rng.random((len(likely), 1))).argmax(axis=1)


@pytest.mark.parametrize(
    ("sharper", "share", "weights"),
    [
        pytest.param(1.0, (1, 1), (1, 1), id="independent evidence counts in full"),
        pytest.param(2.0, (1, 1), (0.5, 0.5), id="sources that are too sure count half"),
        pytest.param(1.0, (1, 0), (1, 0), id="noise does not count"),
    ],
)
def test_the_weights_are_those_that_made_the_labels(sharper, share, weights):
    rng = np.random.default_rng(1)
    evidence = rng.normal(0, 1, (2, COUNT, 10))
    labels = drawn(rng, softmax(np.tensordot(share, evidence, 1)))
    answers = {
        kind: softmax(sharper * each)
        for kind, each in zip((ReadingKind.STANDS, ReadingKind.UPRIGHT), evidence, strict=True)
    }
    rule = fit_rules(judged(labels, answers))[Form.MNIST]
    found = dict(zip(SOURCES, rule.weights, strict=True))
    assert [found.pop(kind) for kind in answers] == pytest.approx(weights, abs=0.06)
    assert not any(found.values())


def test_the_no_digit_rule_is_the_one_that_made_the_labels():
    rng = np.random.default_rng(2)
    odds = rng.normal(0, 2, 6000)
    even = 1 / (1 + np.exp(-odds))
    is_none = rng.random(6000) < 1 / (1 + np.exp(-(0.5 * odds - 1)))
    answers = np.full((6000, 10), 0.1) * even[:, None]
    answers[:, 3] += 1 - even
    labels = np.where(is_none, OTHER, 3)
    rule = fit_rules(judged(labels, {ReadingKind.MAP: answers}, is_mnist=False))[Form.OTHER]
    assert rule.no_digit.constant == pytest.approx(-1, abs=0.12)
    assert rule.no_digit.readings == pytest.approx(0.5, abs=0.08)
    assert (rule.no_digit.head, rule.no_digit.again) == (0, 0)


def test_where_all_are_digits_the_readings_say_whether_there_is_one():
    rule = fit_rules(judged(np.zeros(60), {ReadingKind.STANDS: np.eye(10)[[0] * 60]}))[Form.MNIST]
    assert rule.no_digit == NoDigit(0.0, readings=1.0)


def test_of_too_few_pictures_the_first_reading_counts():
    rules = fit_rules(judged(np.zeros(49), {ReadingKind.STANDS: np.eye(10)[[0] * 49]}))
    for form, kind in ((Form.MNIST, ReadingKind.STANDS), (Form.OTHER, ReadingKind.MAP)):
        assert {s: w for s, w in zip(SOURCES, rules[form].weights, strict=True) if w} == {kind: 1}


def opinion(confidences, reads=0):
    """Pictures read as `reads` with `confidences` (n,)."""
    probabilities = np.repeat((1 - np.asarray(confidences, np.float32))[:, None] / 9, 10, axis=1)
    probabilities[np.arange(len(confidences)), reads] = confidences
    return Opinion.of_one_look(probabilities, np.zeros(len(confidences), np.float32))


@pytest.mark.parametrize(
    ("wrong", "stay_wrong", "count", "least"),
    [
        pytest.param([0.9, 0.8, 0.7], [], 100, 0.7001, id="above all but the losses allowed"),
        pytest.param([0.9, 0.8], [], 100, 0.0, id="as many losses as are allowed"),
        pytest.param([0.9, 0.8, 0.7], [0.97], 100, 0.0, id="what stays wrong is no loss"),
        pytest.param([0.9, 0.8, 0.7], [0.6], 100, 0.7001, id="but what goes to a person is"),
        pytest.param([], [], 49, NEVER, id="too few pictures"),
    ],
)
def test_from_where_a_look_is_sure(monkeypatch, wrong, stay_wrong, count, least):
    monkeypatch.setattr(judging, "LOST", 0.02)
    confidences = np.full(count, 0.95, np.float32)
    confidences[: len(wrong)] = wrong
    reads = np.where(np.arange(count) < len(wrong), 1, 0)
    last_reads, last_confidences = np.zeros(count, int), confidences.copy()
    for confidence in stay_wrong:  # of the second
        last_reads[1], last_confidences[1] = 1, confidence
    pictures = judged(np.zeros(count), {ReadingKind.STANDS: opinion(confidences).probabilities})
    found = sure_from(pictures, opinion(confidences, reads), opinion(last_confidences, last_reads))
    assert found == {Form.MNIST: pytest.approx(least), Form.OTHER: NEVER}


AS_IT_READS = Rule.read({"weights": {"as it stands": 1}, "no digit": {"constant": -20}})
NO_DIGIT = Rule.read({"weights": {"as it stands": 1}, "no digit": {"constant": 20}})


def look(sure, rule=AS_IT_READS):
    return Look(dict.fromkeys(Form, rule), dict.fromkeys(Form, sure))


#: confidence of the screen, what it reads a zero as, of the first reading's judges, and of all
SEEN = [
    pytest.param((0.99, 0), None, None, (1, "right", "ok"), id="plain"),
    pytest.param((0.99, 1), None, None, (1, "wrong", "ok"), id="silently wrong"),
    pytest.param((0.9, 1), (0.99, 0), None, (2, "right", "ok"), id="mended by the judges"),
    pytest.param((0.9, 0), (0.99, 1), None, (2, "wrong", "ok"), id="spoilt by them"),
    pytest.param((0.9, 1), (0.9, 0), (0.99, 0), (3, "right", "ok"), id="mended by all readings"),
    pytest.param((0.9, 1), (0.9, 0), (0.9, 0), (3, "right", "review"), id="never sure"),
    pytest.param((0.9, 0), (0.9, 0), (0.9, 1), (3, "wrong", "review"), id="wrong and seen"),
]


@pytest.mark.parametrize(("screen", "first", "every", "outcome"), SEEN)
@pytest.mark.parametrize("form", Form)
def test_what_becomes_of_a_picture(screen, first, every, outcome, form):
    def said(asked):
        confidence, reads = asked or (0.5, 2)  # nobody is to ask it
        answers_ = {ReadingKind.STANDS: opinion([confidence], reads).probabilities}
        return judged([0], answers_, is_mnist=form is Form.MNIST)

    pictures = Heard(np.array(["small"]), said(screen), said(first), said(every))
    plan = LooksPlan({}, look(0.95), look(0.95), look(NEVER))
    forms, groups = judging.outcomes(plan, pictures)
    assert forms == {form: groups["small"]}
    found, (number, is_right, status) = groups["small"], outcome
    assert found.n == 1
    assert found.looks == tuple(int(each == number) for each in (1, 2, 3))
    assert found.right == (is_right == "right")
    assert found.review == (status == "review")
    assert found.silently_wrong == (is_right == "wrong" and status == "ok")


@pytest.mark.parametrize(("rule", "review"), [(AS_IT_READS, 0), (NO_DIGIT, 1)])
def test_what_is_no_digit_is_counted_for_itself(rule, review):
    said = judged([OTHER], {ReadingKind.STANDS: opinion([0.99]).probabilities}, is_mnist=False)
    pictures = Heard(np.array(["small"]), said, None, said)
    forms, groups = judging.outcomes(
        LooksPlan({}, look(0.0, rule), None, look(NEVER, rule)), pictures
    )
    assert forms == {}
    outcome = groups["no digit"]
    assert (outcome.n, outcome.review, outcome.silently_wrong) == (1, review, 1 - review)


LABELS = np.arange(200, dtype=np.uint8) % 10
HARD = np.arange(200) % 20 == 7  # sevens, all of them


def readings(labels=LABELS, form=True):
    """Each stands, and has one other reading; pixels say label, and whether it is hard."""
    count = len(labels)
    pixels = np.zeros((count, 2, 28, 28), np.uint8)
    pixels[:, :, 0, 0] = labels[:, None] % 10
    pixels[:, 0, 0, 1] = HARD[:count]
    head = np.full((count, 12), 0.02, np.float32)
    head[np.arange(count), labels] += 0.76
    shown = Shown(labels, np.full(count, "any"), head, head, np.full(count, form))
    kinds = np.tile([ReadingKind.STANDS, ReadingKind.MAP], count)
    picture = np.repeat(np.arange(count, dtype=np.int32), 2)
    return Readings(pixels.reshape(-1, 28, 28), picture, kinds, np.ones(2 * count, "f4"), shown)


def answers(labels, confidence):
    found = np.full((len(labels), 10), (1 - confidence) / 9, np.float32)
    found[np.arange(len(labels)), labels] = confidence
    return found


def screen(pixels):
    """Takes what is hard for another digit, and is not so sure of it."""
    wrong = pixels[:, 0, 1] == 1
    labels = np.where(wrong, (pixels[:, 0, 0] + 1) % 10, pixels[:, 0, 0])
    return np.where(wrong[:, None], answers(labels, 0.6), answers(labels, 0.97))


def judge(pixels):
    return answers(pixels[:, 0, 0], 0.97)


@pytest.mark.parametrize(
    ("judges", "right", "review"),
    [
        pytest.param(judge, 200, 0, id="a judge reads it right"),
        pytest.param(None, 190, 10, id="its own judge has it sent to a person"),
    ],
)
def test_what_the_screen_doubts_is_seen_again(judges, right, review):
    hashes = {"judge.keras": "ab"} if judges else {}
    pictures = Heard.of({"mnist": readings()}, screen, judges)
    fitted = fit_looks(pictures, hashes)
    assert fitted.plan.judges == hashes
    assert (fitted.plan.first_reading is not None) == bool(judges)
    outcome = fitted.groups["mnist"]
    assert (outcome.n, outcome.right, outcome.review) == (200, right, review)
    assert outcome.silently_wrong == 0
    assert outcome.looks[0] == (~HARD).sum()
    assert LooksPlan.read(fitted.to_json()["looks"]) == fitted.plan
    assert fitted.to_json()["validation_looks"]["forms"]["mnist form"]["silent_share"] == 0


def test_no_look_is_sure_of_what_a_person_would_see():
    fitted = fit_looks(Heard.of({"mnist": readings()}, screen, judge), {"judge.keras": "ab"})
    review_below = fitted.to_json()["review_below"]
    for each in (fitted.plan.screen, fitted.plan.first_reading):
        assert min(each.sure_from.values()) >= review_below
    assert fitted.plan.all_readings.sure_from == dict.fromkeys(Form, NEVER)


def test_pictures_that_no_classifier_sees_are_left_out():
    labels = LABELS.copy()
    labels[:3] = EMPTY
    read = readings(labels, form=False)
    read.shown.head[3] = np.eye(12)[EMPTY]  # a run calls it blank
    pictures = Heard.of({"small": read, "mnist": readings()}, screen, judge)
    np.testing.assert_array_equal(pictures.labels, [*LABELS[4:], *LABELS])
    np.testing.assert_array_equal(pictures.groups, ["small"] * 196 + ["mnist"] * 200)


def test_the_first_look_hears_the_head_where_the_picture_was_marked():
    pictures = Heard.of({"small": readings(form=False), "mnist": readings()}, screen, judge)
    head = SOURCES.index(HEAD)
    marked = pictures.groups == "small"
    for look_of in (pictures.screen, pictures.first_reading):
        np.testing.assert_array_equal(look_of.said.heard[:, head], marked)
        assert look_of.said.heard[:, STANDS].all()  # of small pictures, marked or not
        np.testing.assert_array_equal(look_of.said.heard[:, MAP], marked)
    heard = pictures.all_readings.said.heard
    assert heard[:, STANDS].all()
    np.testing.assert_array_equal(heard[:, [head, MAP]], np.column_stack([marked, marked]))


def test_the_last_look_hears_a_picture_in_mnists_form_and_it_upright():
    read = readings(LABELS[:1])
    read.pixels[0] = np.tri(28, dtype=np.uint8) * 9
    heard = Heard.of({"mnist": read}, screen, judge).all_readings.said.heard
    assert [SOURCES[at] for at in np.flatnonzero(heard[0])] == [*UNMARKED][::-1]


@pytest.mark.slow
def test_it_imports_no_keras():
    code = "import sys, train.judging; sys.exit('keras' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.slow
@pytest.mark.parametrize("group", ["small", "large", "plain"])
def test_pictures_that_validate_are_answered_as_in_a_run(tmp_path, group):
    """What a rule is fitted on is what the program says of the same pictures."""
    with np.load(ROOT / "models" / "probe_digits.npz") as file:
        mnist = Pictures(file["pixels"], file["labels"].astype(np.uint8))
    made._start_worker(mnist, str(ROOT / "models" / "ink.onnx"))
    task = made._Task(group, (1, 2, 3), 0, 16, str(tmp_path / "chunk.npz"))
    made._make(task)
    model = find_model("digits")
    networks = [load_network(each, PREDICT_BATCH) for each in model.judges or (model,)]
    screen = partial(mean_answer, [load_network(model, PREDICT_BATCH)])
    judges = partial(mean_answer, networks) if model.judges else None
    heard = Heard.of({group: load_readings(task.path)}, screen, judges)
    simulated = heard.opinion(model.looks)
    items = []
    for sample, _ in made._samples(task):
        picture = Picture(ImageRef("", truth=sample.label), made._grey_if_grey(sample.pixels))
        item = normalize(picture, Preprocess.AUTO, Polarity.AUTO)
        items += marker().read([item]) if isinstance(item, Reduced) else [item]
    seen = [i for i in items if isinstance(i, Prepared) and i.ref.truth != EMPTY and i.pixels.any()]
    np.testing.assert_array_equal(heard.labels, [item.ref.truth for item in seen])
    plain = [n for n, item in enumerate(seen) if not item.reasons]  # others get all looks
    assert len(plain) > 8
    opinion = scorer_of(model).predict(Batch.of(seen))
    np.testing.assert_allclose(
        opinion.probabilities[plain], simulated.probabilities[plain], atol=1e-4
    )
    np.testing.assert_array_equal(opinion.looks[plain], simulated.looks[plain])
