import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image
from test_data import save_npz
from test_judging import readings

from batch_predict.runtimes import keras_runtime
from batch_predict.runtimes.looks_plan import Form, Look, LooksPlan
from batch_predict.runtimes.model_file import find_model
from batch_predict.runtimes.rule import Rule
from batch_predict.storage.file_hash import file_sha256
from tests.support import own_models
from train import evaluate, tune
from train.card import identity, read_card, write_card
from train.cli import main
from train.data import load
from train.predict import predict
from train.readings import save_readings

pytestmark = pytest.mark.slow  # each of them trains


@pytest.fixture(autouse=True, scope="module")
def few_copies():
    """Of each picture and epoch: the bars are learned from these."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tune, "COPIES", 4)
        patch.setattr(tune, "kept_mnist", lambda: None)  # a machine may have it, or not
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Twelve upright bars and twelve lying ones, as ones and twos."""
    tmp_path = tmp_path_factory.mktemp("folder")
    for digit, box in ((1, (slice(4, 24), slice(12, 16))), (2, (slice(12, 16), slice(4, 24)))):
        (tmp_path / "mine" / str(digit)).mkdir(parents=True)
        for i in range(12):
            picture = np.zeros((28, 28), np.uint8)
            picture[box] = 250 - i
            Image.fromarray(picture).save(tmp_path / "mine" / str(digit) / f"{i}.png")
    return str(tmp_path / "mine")


def save_constant(path, digit, **card):
    """A model that reads everything as `digit`."""
    network = keras.Sequential(
        [keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")]
    )
    kernel, _ = network.get_weights()
    network.set_weights([0 * kernel, np.eye(10)[digit]])
    network.save(path)
    write_card(path, {**identity(path, network), "scale": [0, 1]} | card)
    return path


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """Reads everything as a 5, to begin with."""
    return save_constant(str(tmp_path_factory.mktemp("model") / "start.keras"), 5)


@pytest.fixture(scope="module")
def tuned(folder, model, tmp_path_factory):
    """`model` after tuning on `folder`, with its card beside it."""
    output = str(tmp_path_factory.mktemp("tuned") / "mine.keras")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tune, "RATE", 1e-2)
        assert main(["--init", model, "--data", folder, "--output", output]) == 0
    return output


def test_tuning_learns_the_pictures(tuned):
    card = read_card(tuned)
    assert card["accuracy"]["value"] == 1.0 > card["accuracy_before"]["value"]


def test_a_better_model_is_replaced_only_by_force(
    folder, model, tuned, tmp_path, monkeypatch, capsys
):
    output = str(shutil.copytree(Path(tuned).parent, tmp_path / "tuned") / "mine.keras")
    monkeypatch.setattr(tune, "RATE", 0.0)
    monkeypatch.setattr(tune, "EPOCHS", 1)
    worse = ["--init", model, "--data", folder, "--output", output]
    assert main(worse) == 8
    said = capsys.readouterr()
    assert "before    after" in said.out
    assert "--force" in said.err
    assert read_card(output)["accuracy"]["value"] == 1.0
    assert main([*worse, "--force"]) == 0
    assert read_card(output)["accuracy"]["value"] < 1.0


@pytest.mark.parametrize(
    "scale",
    ["rescaled", *(pytest.param(each, marks=pytest.mark.slow) for each in ("integer", "-1 to 1"))],
)
def test_a_model_is_tuned_on_its_own_scale(folder, tmp_path, monkeypatch, scale):
    start = own_models.make("sequential", (28, 28, 1), "logits", scale)
    own_models.save(start, tmp_path / "start.keras")
    monkeypatch.setattr(tune, "EPOCHS", 1)
    monkeypatch.setattr(tune, "RATE", 1e-9)
    output = str(tmp_path / "mine.keras")
    given = ["--init", str(tmp_path / "start.keras"), "--data", folder, "--output", output]
    assert main(given) == 0
    card = read_card(output)
    assert card["scale"] == list(own_models.SCALES[scale][:2])
    judged = own_models.expected(load(folder, 1).test.inputs()).argmax(axis=1)
    right = int((judged == load(folder, 1).test.labels).sum())
    assert card["accuracy_before"]["right"] == card["accuracy"]["right"] == right
    pixels, labels = own_models.digits()
    answers = keras_runtime.load_classifier(find_model(output), 50)(pixels)
    np.testing.assert_allclose(answers, own_models.expected(pixels), atol=1e-3)
    assert (answers.argmax(axis=1) == labels).all()


def test_an_evaluation_is_on_what_the_training_held_out(folder, model, tmp_path, monkeypatch):
    judged = []
    monkeypatch.setattr(evaluate, "cost_ratio", lambda model: 0.9)
    monkeypatch.setattr(
        evaluate, "predict", lambda m, test, scale: judged.append(test) or predict(m, test, scale)
    )
    output = str(tmp_path / "mine.keras")
    monkeypatch.setattr(tune, "EPOCHS", 1)
    assert main(["--init", model, "--data", folder, "--output", output, "--seed", "3"]) == 0
    assert main(["evaluate", output, "--data", folder]) == 0
    np.testing.assert_array_equal(judged[0].pixels, load(folder, 3).test.pixels)


def look(sure):
    rule = Rule.read({"weights": {"map": sure}, "no digit": {}})
    return Look(dict.fromkeys(Form, rule), dict.fromkeys(Form, sure))


@pytest.fixture
def with_judges(tmp_path):
    """A screen that reads all as 5, and two judges, the second of which reads the ones right."""
    folder = tmp_path / "models"
    folder.mkdir()
    judges = {
        name: file_sha256(save_constant(str(folder / name), digit))
        for name, digit in (("a.keras", 6), ("b.keras", 1))
    }
    plan = LooksPlan(judges, look(0.1), look(0.2), look(0.3))
    card = {"looks": plan.to_json(), "review_below": 0.7}
    return save_constant(str(folder / "screen.keras"), 5, **card)


@pytest.fixture
def still(monkeypatch):
    """A training that changes nothing to speak of."""
    monkeypatch.setattr(tune, "EPOCHS", 1)
    monkeypatch.setattr(tune, "RATE", 1e-9)


def test_the_judge_that_reads_best_is_tuned_and_judges_itself(folder, with_judges, still, tmp_path):
    output = str(tmp_path / "mine.keras")
    assert main(["--init", with_judges, "--data", folder, "--output", output]) == 0
    card, tuned = read_card(output), find_model(output)
    assert card["network"] == "b.keras, fine-tuned"
    assert tuned.looks == LooksPlan({}, look(0.2), None, look(0.3))
    assert (tuned.judges, tuned.review_below) == ((), 0.7)
    assert card["forgotten"] == {}


def test_a_judge_is_never_replaced(folder, with_judges, capsys):
    judge = str(Path(with_judges).parent / "a.keras")
    given = ["--init", with_judges, "--data", folder, "--output", judge, "--overwrite"]
    assert main(given) == 2
    assert "is the judge a.keras" in capsys.readouterr().err


def test_what_it_costs_on_mnist_is_said_and_warned_of(folder, model, tmp_path, monkeypatch, capsys):
    """Fives, which the model read right before."""
    monkeypatch.setattr(tune, "RATE", 1e-2)
    pixels = np.random.default_rng(0).integers(0, 256, (24, 28, 28), np.uint8)
    parts = ((pixels, np.full(24, 5, np.uint8)),) * 2
    mnist, output = save_npz(tmp_path / "mnist.npz", parts), str(tmp_path / "mine.keras")
    assert main(["--init", model, "--data", folder, "--output", output, "--mnist", mnist]) == 0
    forgotten = read_card(output)["forgotten"]["mnist"]
    assert (forgotten["n"], forgotten["right_before"]) == (2, 2)
    assert forgotten["right"] < 2
    said = capsys.readouterr()
    assert "points less of MNIST" in said.err
    assert "    mnist  100.00%" in said.out


def test_what_was_rendered_fits_the_looks_and_tells_the_cost(folder, model, still, tmp_path):
    kept = tmp_path / "validation"
    kept.mkdir()
    for group, form in (("mnist", True), ("small", False)):
        save_readings(str(kept / f"{group}-0000.npz"), readings(form=form))
    output = str(tmp_path / "mine.keras")
    given = ["--init", model, "--data", folder, "--output", output, "--rendered", str(kept)]
    assert main(given) == 0
    card = read_card(output)
    assert find_model(output).looks.all_readings is not None
    assert card["validation_looks"]["groups"]["small"]["n"] == 200
    assert card["forgotten"]["small"] == {"n": 200, "right_before": 20, "right": 20}
