"""The step that `predict` hands to the engine, in this process."""

import os
import pickle
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from batch_predict import in_memory
from batch_predict.engines import worker
from batch_predict.given_images import each_of
from batch_predict.in_memory import PrepareImage
from batch_predict.normalize.modes import Preprocess
from batch_predict.normalize.pipeline import normalize
from batch_predict.options import Options
from batch_predict.prepare import Postponed, PreparedItem
from batch_predict.records import Code, Failure, ImageRef, Picture, Prepared, Reason, Reduced
from batch_predict.runtimes import Classifier, Runtime
from batch_predict.runtimes.looks_plan import LooksPlan
from batch_predict.runtimes.model_file import ModelFile
from tests.conftest import ROOT, noise, save
from tests.support import fakes, looks

PLAIN = Options("", "", preprocess=Preprocess.PLAIN)


def ref(place: int) -> ImageRef:
    return ImageRef(str(place))


def one(prepare: PrepareImage, place: int = 0) -> PreparedItem:
    """What `prepare` makes of the picture at `place`."""
    (item,) = prepare.each((ref(place),))
    return item


def test_file_and_pixels_are_prepared_alike(tmp_path: Path) -> None:
    pixels = noise(3)
    file = save(tmp_path / "a.png", pixels)
    images = [noise(0), pixels, str(file), file.read_bytes()]
    prepare = pickle.loads(pickle.dumps(PrepareImage(images, PLAIN)))
    for place in (1, 2, 3):
        prepared = one(prepare, place)
        assert isinstance(prepared, Prepared)
        content = None if place == 1 else sha256(file.read_bytes()).digest()
        assert prepared.ref == ref(place)._replace(content_sha256=content)
        assert (prepared.pixels == pixels).all()


def test_a_bare_name_is_a_file_of_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = noise(3)
    save(tmp_path / "a.png", pixels)
    monkeypatch.chdir(tmp_path)
    prepared = one(PrepareImage(["a.png"], PLAIN))
    assert isinstance(prepared, Prepared)
    assert (prepared.pixels == pixels).all()


def test_a_page_is_for_the_ink_map() -> None:
    page = np.full((300, 200, 3), 240, np.uint8)
    item = one(PrepareImage([page], Options("", "")))
    assert isinstance(item, Reduced)
    assert item.pixels.shape == (192, 128)


@pytest.mark.parametrize(
    ("image", "code"),
    [
        pytest.param(str(ROOT / "missing.png"), Code.UNREADABLE, id="missing"),
        pytest.param(str(ROOT), Code.UNREADABLE, id="folder"),
        pytest.param(str(ROOT / "setup.cfg"), Code.NOT_AN_IMAGE, id="text"),
        pytest.param(b"no picture", Code.NOT_AN_IMAGE, id="bytes"),
        pytest.param(Reason(Code.CORRUPT, "damaged"), Code.CORRUPT, id="a reason"),
        pytest.param("s3://a@b/c.png", Code.UNREADABLE, id="no store"),
        pytest.param(noise(0).astype(bool), Code.UNSUPPORTED, id="bits"),
        pytest.param(np.zeros((2, 2, 2), np.uint8), Code.UNSUPPORTED, id="two channels"),
    ],
)
def test_what_is_no_picture_is_a_failure(image: Any, code: Code) -> None:
    failure = one(PrepareImage([image], PLAIN))
    assert isinstance(failure, Failure)
    assert (failure.ref.path, failure.reason.code) == ("0", code)


@pytest.mark.parametrize(
    ("cap", "expected"),
    [
        pytest.param(28 * 28 - 1, Postponed, id="over the cap"),
        pytest.param(28 * 28, Prepared, id="at the cap"),
        pytest.param(None, Prepared, id="no cap"),
    ],
)
@pytest.mark.parametrize("kind", ["file", "pixels", "content"])
def test_a_large_picture_is_not_prepared_beside_others(
    kind: str, cap: int | None, expected: type, tmp_path: Path
) -> None:
    file = save(tmp_path / "a.png", noise(0))
    image = {"file": str(file), "pixels": noise(0), "content": file.read_bytes()}[kind]
    step = PrepareImage([noise(1), image], PLAIN)
    item = one(step if cap is None else step.capped(cap), 1)
    assert isinstance(item, expected)
    assert item.ref.path == "1"


@pytest.mark.parametrize(
    ("images", "survives"),
    [
        pytest.param([noise(0), "a.png", "b/c.png"], True, id="pixels and files"),
        pytest.param([noise(0), "s3://bucket/a.png"], False, id="an object of a bucket"),
    ],
)
def test_a_bucket_is_not_read_by_a_forked_process(images: list[Any], survives: bool) -> None:
    assert PrepareImage(images, PLAIN).survives_fork is survives


def test_predict_prepares_large_pictures_one_at_a_time(
    options: Callable[..., Options], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def alone(picture: Picture, *how: Any) -> Prepared | Reduced:
        """Raises FileExistsError if another process is in here, too."""
        with open(tmp_path / "lock", "x"):
            time.sleep(0.002)
        os.unlink(tmp_path / "lock")
        return normalize(picture, *how)

    monkeypatch.setattr(worker, "SIDE_BY_SIDE_PIXELS", 28 * 28 - 1)
    monkeypatch.setattr(in_memory, "normalized", alone)
    images = [noise(number) for number in range(200)]  # tasks for both workers
    answers = in_memory.score_images(images, options(in_dir="", output="", workers=2))
    assert [answer.row.label for answer in answers] == [
        fakes.expected(image)[0] for image in images
    ]


def test_what_is_held_for_the_call_alone_is_scored_in_parts(
    options: Callable[..., Options], monkeypatch: pytest.MonkeyPatch
) -> None:
    def frames() -> Iterator[NDArray[np.uint8]]:
        frame = np.empty((28, 28), np.uint8)
        for seed in range(7):
            frame[:] = noise(seed)
            yield frame  # the same array each time, as a camera's driver gives it

    monkeypatch.setattr(in_memory, "_AT_A_TIME", 3 * 28 * 28)
    answers = in_memory.score_images(frames(), options(in_dir="", output=""))
    assert [a.row.label for a in answers] == [fakes.expected(noise(seed))[0] for seed in range(7)]
    assert [len(part) for part in in_memory._parts(each_of(frames()))] == [3, 3, 1]


class Loading:
    """Fake networks that note which files they were loaded from."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names: list[str] = []

        def load(model: ModelFile, batch_size: int) -> Classifier:
            self.names.append(Path(model.path).name)
            is_screen = "fake" in model.path
            return (fakes.load_classifier if is_screen else looks.load_judge)(model, batch_size)

        monkeypatch.setattr("tests.support.fakes.RUNTIME", Runtime(load, looks.load_any_size))


NEVER = looks.look(mnist=2.0, other=2.0)


def test_networks_stay_loaded_until_a_file_changes(
    options: Callable[..., Options], model_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loading = Loading(monkeypatch)
    given = options(in_dir="", output="", preprocess=Preprocess.AUTO)

    def confidence() -> float | None:
        (answer,) = in_memory.score_images([noise(1)], given)
        return answer.row.confidence

    plan = LooksPlan({"a.keras": ""}, NEVER, NEVER, NEVER)
    looks.give_looks(model_file, plan)
    first = confidence()
    assert loading.names == ["fake.keras", "a.keras"]
    assert confidence() == first
    assert loading.names == ["fake.keras", "a.keras"]

    # Another rule is another answer, by the same networks.
    weaker = looks.look(looks.READINGS_ALONE, mnist=2.0, other=2.0)
    looks.give_looks(model_file, plan._replace(all_readings=weaker))
    assert confidence() != first
    assert loading.names == ["fake.keras", "a.keras"]

    looks.give_looks(model_file, plan._replace(judges={"another.keras": ""}))
    assert confidence() != first
    assert loading.names[2:] == ["fake.keras", "another.keras"]

    model_file.with_suffix(".json").unlink()
    assert confidence() != first
    assert loading.names[4:] == ["fake.keras"]
