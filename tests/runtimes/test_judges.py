"""Judges are loaded late, once, and from the files that the card names."""

import hashlib
import json
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from batch_predict.errors import ExitCode, ModelError
from batch_predict.runtimes import Classifier, Runtime, find_runtime
from batch_predict.runtimes.judges import AT_A_TIME, Judges
from batch_predict.runtimes.model_file import ModelFile, find_model
from tests.conftest import MODEL_BYTES, ROOT, noise
from tests.support import fakes, looks

READINGS = np.stack([noise(n) for n in range(AT_A_TIME + 3)])
ONE, ANOTHER = (ModelFile(name, "", None, None) for name in ("one.keras", "another.keras"))


class Counting:
    """A runtime of fake judges that notes what it loads."""

    def __init__(self) -> None:
        self.loaded: list[str] = []

    def runtime(self, wait: Callable[[], object] = lambda: None) -> Runtime:
        """It does `wait` while it loads."""

        def load(model: ModelFile, batch_size: int) -> Classifier:
            self.loaded.append(model.path)
            wait()
            return looks.load_judge(model, batch_size)

        return Runtime(load, looks.load_any_size)


def test_the_answer_is_the_mean_of_all() -> None:
    single = [Judges([model], looks.RUNTIME)(READINGS) for model in (ONE, ANOTHER)]
    assert not np.allclose(*single)
    both = Judges([ONE, ANOTHER], looks.RUNTIME)(READINGS)
    np.testing.assert_allclose(both, np.mean(single, axis=0), rtol=1e-6)
    assert (both.shape, both.dtype) == ((AT_A_TIME + 3, 10), np.float32)


def test_a_readings_answer_does_not_depend_on_the_others() -> None:
    together = looks.judges()(READINGS)
    alone = np.concatenate([looks.judges()(reading[None]) for reading in READINGS])
    np.testing.assert_array_equal(together, alone)


def test_they_are_loaded_by_the_first_reading_and_stay() -> None:
    counting = Counting()
    judges = Judges([ONE, ANOTHER], counting.runtime())
    assert counting.loaded == []
    judges(READINGS[:1])
    judges(READINGS)
    assert counting.loaded == ["one.keras", "another.keras"]


def test_several_threads_load_them_once() -> None:
    threads = 4
    ready, counting = threading.Barrier(threads), Counting()
    second_is_there = threading.Event()
    judges = Judges([ONE], counting.runtime(lambda: second_is_there.wait(0.05)))

    def ask(place: int) -> np.ndarray:
        ready.wait()
        return judges(READINGS[place : place + 1])

    with ThreadPoolExecutor(threads) as pool:
        answers = list(pool.map(ask, range(threads)))
    assert counting.loaded == ["one.keras"]
    np.testing.assert_array_equal(np.concatenate(answers), judges(READINGS[:threads]))


def test_one_that_was_replaced_meanwhile_is_named(tmp_path: Path) -> None:
    path = tmp_path / "judge.keras"
    path.write_bytes(MODEL_BYTES)

    def load(model: ModelFile, batch_size: int) -> Classifier:
        model.read()
        return fakes.load_classifier(model, batch_size)

    judges = Judges([find_model(str(path))], Runtime(load, looks.load_any_size))
    path.write_bytes(MODEL_BYTES + b"another")
    with pytest.raises(ModelError, match=r"judge\.keras was replaced during the run") as raised:
        judges(READINGS)
    assert raised.value.exit_code == ExitCode.MODEL


def test_what_is_no_probability_is_refused() -> None:
    out = np.full((AT_A_TIME, 10), 0.2, np.float32)
    wrong = Runtime(lambda model, size: Classifier(lambda pixels: (out,)), looks.load_any_size)
    with pytest.raises(ModelError, match="do not sum to 1"):
        Judges([ONE], wrong)(READINGS)


def judged_by(folder: Path, *, sha256: str | None = None) -> Path:
    """A copy of the shipped model in `folder`, whose card names a judge beside it."""
    shipped, model = ROOT / "models" / "digits.keras", folder / "mine.keras"
    judge = folder / "judge.keras"
    shutil.copy(shipped, model)
    shutil.copy(ROOT / "models" / "article-summary.keras", judge)
    card = json.loads(shipped.with_suffix(".json").read_text())
    found = hashlib.sha256(judge.read_bytes()).hexdigest()
    card["looks"]["judges"] = {judge.name: sha256 or found}
    model.with_suffix(".json").write_text(json.dumps(card))
    return model


def test_a_card_names_its_judges(tmp_path: Path) -> None:
    (judge,) = find_model(str(judged_by(tmp_path))).judges
    assert judge.path == str(tmp_path / "judge.keras")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(Path.unlink, r"can't read the model .*judge\.keras", id="missing"),
        pytest.param(
            lambda judge: judge.write_bytes(MODEL_BYTES), "is not the judge that", id="another"
        ),
        pytest.param(lambda judge: judge.write_bytes(b"text"), "is a .keras or", id="no model"),
    ],
)
def test_a_judge_that_is_not_what_the_card_says(
    tmp_path: Path, change: Callable[[Path], object], words: str
) -> None:
    model = judged_by(tmp_path)
    change(tmp_path / "judge.keras")
    with pytest.raises(ModelError, match=words) as raised:
        find_model(str(model))
    assert raised.value.exit_code == ExitCode.MODEL


def test_a_name_with_a_folder_in_it_leads_nowhere_else(tmp_path: Path) -> None:
    """A card is data: it names what lies beside the model."""
    model = judged_by(tmp_path)
    card = json.loads(model.with_suffix(".json").read_text())
    inside = tmp_path / "inside"
    inside.mkdir()
    for name in ("mine.keras", "judge.keras"):
        shutil.move(tmp_path / name, inside / name)
    card["looks"]["judges"] = {f"../{name}": sha for name, sha in card["looks"]["judges"].items()}
    (inside / "mine.json").write_text(json.dumps(card))
    (judge,) = find_model(str(inside / "mine.keras")).judges
    assert judge.path == str(inside / "judge.keras")


@pytest.mark.parametrize("runtime", ["onnx", "openvino"])
def test_an_export_that_is_not_there_is_said_before_anything_is_loaded(
    tmp_path: Path, runtime: str
) -> None:
    model = find_model(str(judged_by(tmp_path)))
    with pytest.raises(ModelError, match=r"judge\.onnx") as raised:
        Judges(model.judges, find_runtime(runtime))
    assert raised.value.exit_code == ExitCode.MODEL


@pytest.mark.parametrize("runtime", ["onnx", "openvino"])
def test_an_export_of_another_model_is_refused(tmp_path: Path, runtime: str) -> None:
    model = find_model(str(judged_by(tmp_path)))
    shutil.copy(ROOT / "models" / "digits.onnx", tmp_path / "judge.onnx")
    with pytest.raises(ModelError, match=r"judge\.onnx"):
        Judges(model.judges, find_runtime(runtime))
