import numpy as np
import pytest
from test_data import mnist_like, save_npz
from test_judging import readings

from batch_predict.records import OTHER
from train import forgetting
from train.classifier_batches import NO_DIGIT_LABEL
from train.forgetting import Forgotten, kinds_of, right_of, say, warn


@pytest.mark.parametrize(
    ("mnist", "held", "counts"),
    [
        pytest.param(False, {}, {}, id="nothing at hand"),
        pytest.param(True, {}, {"mnist": 5}, id="MNIST alone"),
        pytest.param(False, {"small": readings}, {"small": 200}, id="rendered alone"),
        pytest.param(
            True, {"small": readings}, {"small": 200, "mnist": 5}, id="MNIST and rendered"
        ),
        pytest.param(True, {"mnist": readings}, {"mnist": 200}, id="MNIST's readings"),
        pytest.param(
            False,
            {"signs": lambda: readings(np.full(30, OTHER, np.uint8))},
            {"no digit": 30},
            id="no digits",
        ),
    ],
)
def test_what_is_lost_is_measured_on_what_is_there(tmp_path, mnist, held, counts):
    source = save_npz(tmp_path / "mnist.npz", mnist_like()) if mnist else None
    kinds = kinds_of(source, {name: make() for name, make in held.items()})
    assert {name: len(pictures.labels) for name, pictures in kinds.items()} == counts


def test_a_digit_is_right_by_its_label_and_a_sign_where_no_digit_is_seen(monkeypatch):
    said = np.eye(10, dtype=np.float32)[[1, 2, 3]]
    said[2] = 0.1
    monkeypatch.setattr(forgetting, "mean_answer", lambda networks, pixels: said)
    pixels = np.zeros((3, 28, 28), np.uint8)
    kinds = {
        "small": forgetting.Pictures(pixels, np.array([1, 7, 3], np.uint8)),
        "no digit": forgetting.Pictures(pixels, np.full(3, NO_DIGIT_LABEL, np.uint8)),
    }
    assert right_of(None, kinds) == {"small": 1, "no digit": 1}


@pytest.mark.parametrize(
    ("after", "warned"),
    [
        pytest.param(9960, False, id="0.3 points"),
        pytest.param(9959, True, id="more"),
        pytest.param(10_000, False, id="a gain"),
    ],
)
def test_more_than_0_3_points_of_mnist_is_a_warning(after, warned, capsys):
    warn({"mnist": Forgotten(10_000, 9990, after), "small": Forgotten(100, 100, 0)})
    said = capsys.readouterr()
    assert said.err.count("\n") == int(warned)
    assert ("points less of MNIST" in said.err) == warned
    assert not said.out


def test_without_mnist_nothing_is_warned_of_and_it_is_said(capsys):
    warn({})
    assert not capsys.readouterr().err
    assert "--mnist" in say({})
    assert "--mnist" not in say({"mnist": Forgotten(10, 10, 9)})
