import numpy as np
import pytest
from test_judging import LABELS, readings

from batch_predict.errors import InputError
from train import validation
from train.readings import save_readings
from train.validation import FEWEST, VALIDATING, digits_of, load_validation, part_of


def test_what_is_kept_is_loaded_by_group(tmp_path):
    for name in ("mnist-0000", "mnist-0001", "small-0000"):
        save_readings(str(tmp_path / f"{name}.npz"), readings())
    held = load_validation(str(tmp_path))
    assert {name: len(read.shown.labels) for name, read in held.items()} == {
        "small": 200,
        "mnist": 400,
    }


@pytest.mark.parametrize("folder", ["empty", "missing"])
def test_a_folder_without_readings_is_an_input_error(tmp_path, folder):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=folder):
        load_validation(str(tmp_path / folder))


def test_digits_are_what_the_first_look_sees():
    digits = digits_of({"mnist": readings(), "small": readings(form=False)})
    for pictures in digits.values():
        np.testing.assert_array_equal(pictures.labels, LABELS)
    assert digits["mnist"].pixels[:, 0, 1].any()  # as it stands
    assert not digits["small"].pixels[:, 0, 1].any()  # its map


@pytest.mark.parametrize(
    ("share", "counts"),
    [
        pytest.param(1.0, VALIDATING, id="all"),
        pytest.param(3.0, VALIDATING, id="no more than all"),
        pytest.param(0.5, {name: n // 2 for name, n in VALIDATING.items()}, id="half"),
        pytest.param(1e-6, dict.fromkeys(VALIDATING, FEWEST), id="the fewest"),
    ],
)
def test_how_many_are_read(monkeypatch, share, counts):
    asked = []
    monkeypatch.setattr(validation, "read_rendered", lambda *given: asked.append(given[4]) or {})
    validation.read_validation("folder", None, "ink.onnx", share, 1)
    assert asked == [counts]


def test_a_part_is_rounded():
    assert part_of(1000, 0.0316) == 32
