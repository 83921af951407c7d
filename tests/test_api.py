"""What a program or a notebook uses: the same job, and the same answers for its own pictures."""

import asyncio
import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from PIL import Image

import batch_predict
from batch_predict import BatchPredictError, Prediction, predict, score
from batch_predict.errors import ExitCode, InputError, UsageError
from batch_predict.options import Options
from tests.conftest import MODEL_BYTES, ROOT, noise, save
from tests.support import fakes

MakeOptions = Callable[..., Options]


@pytest.fixture
def asked(model_file: Path) -> dict[str, Any]:
    """Keywords for the fake runtime."""
    return {"model": str(model_file), "runtime": "fake", "preprocess": "plain"}


def test_exported_names() -> None:
    assert sorted(batch_predict.__all__) == ["BatchPredictError", "Prediction", "predict", "score"]


def test_import_is_light() -> None:
    code = "import sys, batch_predict; print({'tensorflow', 'numpy', 'PIL'} & set(sys.modules))"
    run = [sys.executable, "-c", code]
    assert subprocess.check_output(run, cwd=ROOT, text=True).strip() == "set()"


def test_score_returns_the_manifest_and_says_nothing(
    tmp_path: Path, asked: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    save(tmp_path / "in" / "3" / "a.png", noise(0))
    (tmp_path / "in" / "bad.png").write_bytes(b"")
    manifest = score(tmp_path / "in", tmp_path / "out.csv", **asked, max_failures="50%")
    assert manifest == json.loads((tmp_path / "out.run.json").read_text())
    assert (manifest["exit_code"], manifest["counts"]["failed"]) == (ExitCode.OK, 1)
    assert capfd.readouterr() == ("", "")


def test_score_misses_a_gate(tmp_path: Path, asked: dict[str, Any]) -> None:
    (tmp_path / "bad.png").write_bytes(b"")
    manifest = score(tmp_path, tmp_path / "out.csv", **asked, max_failures=0)
    assert manifest["exit_code"] == ExitCode.FAILURES


@pytest.mark.parametrize(
    "stream",
    [
        pytest.param(None, id="none"),  # Python's for a stream that was closed at its start
        pytest.param(SimpleNamespace(write=len, flush=lambda: None), id="a program's own"),
    ],
)
def test_score_with_any_standard_streams(
    tmp_path: Path, asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch, stream: Any
) -> None:
    save(tmp_path / "in" / "a.png", noise(0))
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stderr", stream)
    manifest = score(tmp_path / "in", tmp_path / "out.csv", **asked, quiet=False)
    assert manifest["exit_code"] == ExitCode.OK


def test_score_in_another_thread(tmp_path: Path, asked: dict[str, Any]) -> None:
    save(tmp_path / "in" / "a.png", noise(0))
    run = threading.Thread(target=score, args=(tmp_path / "in", tmp_path / "out.csv"), kwargs=asked)
    run.start()
    run.join()
    assert (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param({"nonsense": 1}, "there is no option nonsense", id="no option"),
        pytest.param({"batch": 1}, "batch; did you mean batch_size[?]", id="half an option"),
        pytest.param({"batch_size": 0}, "at least 1, received 0", id="zero is a value"),
        pytest.param({"labels": True}, "labels must be text, received True", id="no value"),
        pytest.param({"quiet": "no"}, "quiet must be True or False, rec", id="a flag's value"),
        pytest.param({"polarity": "up"}, "one of auto, .*received 'up'", id="no choice"),
    ],
)
def test_score_options_are_the_command_lines(options: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        score("in", "out.csv", **options)


def test_none_and_false_are_no_options(
    tmp_path: Path, asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path / "-in" / "a.png", noise(0))
    monkeypatch.chdir(tmp_path)
    score("-in", "out.csv", **asked, labels=None, incremental=False)
    assert not (tmp_path / "out.csv.cache").exists()


def test_score_raises_what_ends_the_command(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="can't list"):
        score(tmp_path / "missing", tmp_path / "out.csv")
    assert issubclass(InputError, BatchPredictError)


def test_predict_answers_in_place(tmp_path: Path, asked: dict[str, Any]) -> None:
    pixels = np.stack([noise(seed) for seed in range(50)])
    files = [save(tmp_path / f"{-n}.png", each) for n, each in enumerate(pixels)]
    wanted = [fakes.expected(each) for each in pixels]
    for images in (pixels, files, [str(file) for file in files], iter(pixels)):
        answers = predict(images, **asked)
        assert [answer.label for answer in answers] == [label for label, _ in wanted]
        assert [answer.confidence for answer in answers] == pytest.approx([c for _, c in wanted])
        assert all(
            sum(answer.probabilities or ()) == pytest.approx(1, abs=1e-5) for answer in answers
        )
        tens = [min(answer.probabilities or ()) * 10 for answer in answers]
        assert [answer.no_digit for answer in answers] == pytest.approx(tens, abs=1e-5)


class CutShort(io.BytesIO):
    """A stream that breaks off."""

    def read(self, size: int | None = -1) -> bytes:
        """See `io.BytesIO`."""
        raise OSError("the connection was lost")


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        pytest.param("missing.png", "unreadable: there is no such file", id="missing"),
        pytest.param(ROOT / "setup.cfg", "not_an_image: no picture format", id="text"),
        pytest.param(ROOT, "unreadable: a folder: predict takes one alone", id="folder"),
        pytest.param(None, "unsupported: a NoneType is neither a path nor a picture", id="None"),
        pytest.param(noise(0) / 255, "unsupported: an array (28, 28) of float64", id="floats"),
        pytest.param(noise(0)[0], "unsupported: an array (28,) of uint8", id="a pixel row"),
        pytest.param(noise(0)[:0], "unsupported: an array (0, 28)", id="nothing"),
        pytest.param(noise(0)[None, None], "unsupported: an array (1, 1, 28, 28)", id="4 axes"),
        pytest.param("", "unreadable: an empty path", id="empty"),
        pytest.param("a\0.png", "unreadable: no path holds a NUL character", id="NUL"),
        pytest.param("\ud800.png", "unreadable: no path holds such a character", id="surrogate"),
        pytest.param("x" * 5000, "unreadable: the file can't be read", id="a long name"),
        pytest.param("https://a/b.png", "unsupported: pictures are read from folders", id="web"),
        pytest.param("s3://a.png", "unreadable: an address that names no picture", id="bucket"),
        pytest.param("s3://a@b/c.png", "unreadable: its store can't be opened", id="a secret"),
        pytest.param(b"\x89PNG", "not_an_image: no picture format", id="content"),
        pytest.param([1, 2], "unsupported: a list is neither a path nor a picture", id="a list"),
        pytest.param(CutShort(), "unreadable: this CutShort can't be read", id="a broken stream"),
        pytest.param(io.StringIO("x"), "unsupported: a StringIO is neither", id="a text stream"),
    ],
)
def test_a_bad_picture_costs_its_own_answer(image: Any, reason: str, asked: dict[str, Any]) -> None:
    bad, good = predict([image, noise(1)], **asked)
    assert (bad.label, bad.confidence, bad.probabilities, bad.no_digit) == (None,) * 4
    assert bad.status == "failed"
    assert good.label == fakes.expected(noise(1))[0]
    assert bad.reason.startswith(reason)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_grey_in_channels_is_grey(channels: int, asked: dict[str, Any]) -> None:
    image = np.repeat(noise(2)[..., None], channels, axis=2)
    image[..., 3:] = 255
    (answer,) = predict([image], **asked)
    assert answer.label == fakes.expected(noise(2))[0]


class Tensor:
    """Of another library."""

    def __array__(self, dtype: object = None, copy: object = None) -> NDArray[np.uint8]:
        return noise(0)


class InAFolder(os.PathLike[str]):
    """A path of a class of the program's own."""

    def __fspath__(self) -> str:
        return "a.png"


PNG = io.BytesIO()
Image.fromarray(noise(0)).save(PNG, "PNG")


@pytest.mark.parametrize(
    "image",
    [
        pytest.param("a.png", id="text"),
        pytest.param(Path("a.png"), id="a path object"),
        pytest.param(InAFolder(), id="a path object of its own"),
        pytest.param(np.str_("a.png"), id="NumPy's text"),
        pytest.param(np.array("a.png"), id="text in an array without axes"),
        pytest.param(noise(0), id="an array"),
        pytest.param(noise(0)[..., None], id="with one channel"),
        pytest.param(np.repeat(noise(0)[..., None], 3, axis=2), id="with three"),
        pytest.param(np.asfortranarray(noise(0)), id="column by column"),
        pytest.param(np.ma.masked_array(noise(0)), id="a masked array"),
        pytest.param(Tensor(), id="a tensor"),
        pytest.param(Image.fromarray(noise(0)), id="an image of Pillow's"),
        pytest.param(Image.fromarray(noise(0)).convert("RGB"), id="in colour"),
        pytest.param(PNG.getvalue(), id="bytes"),
        pytest.param(bytearray(PNG.getvalue()), id="a bytearray"),
        pytest.param(memoryview(PNG.getvalue()), id="a memoryview"),
    ],
)
def test_one_picture_alone_or_among_others(
    image: Any, asked: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path / "a.png", noise(0))
    monkeypatch.chdir(tmp_path)
    (alone,) = predict(image, **asked)
    one, among, two = predict([noise(1), image, noise(2)], **asked)
    is_path = isinstance(image, str | os.PathLike) or str(image) == "a.png"
    assert (alone.label, alone.path) == (fakes.expected(noise(0))[0], "a.png" if is_path else None)
    assert among == alone
    assert [one.label, two.label] == [fakes.expected(noise(seed))[0] for seed in (1, 2)]


def files_of(folder: Path) -> list[str]:
    """Files with the pictures of seeds 0 to 2, in the order of their paths, and what is none."""
    names = ["-1.png", "a/0.png", "b.png"]
    for seed, name in enumerate(names):
        save(folder / name, noise(seed))
    (folder / "notes.txt").write_text("no picture")
    return [str(folder / name) for name in names]


@pytest.mark.parametrize(
    "several",
    [
        pytest.param(lambda folder: [*files_of(folder)], id="a list"),
        pytest.param(lambda folder: tuple(map(Path, files_of(folder))), id="a tuple"),
        pytest.param(lambda folder: iter(files_of(folder)), id="an iterator"),
        pytest.param(lambda folder: np.array(files_of(folder)), id="an array of text"),
        pytest.param(lambda folder: np.array(files_of(folder), object), id="of objects"),
        pytest.param(lambda folder: pd.Series(files_of(folder)), id="a column of a table"),
        pytest.param(lambda folder: files_of(folder) and str(folder), id="a folder"),
        pytest.param(lambda folder: files_of(folder) and f"{folder}/", id="with a slash"),
        pytest.param(lambda folder: files_of(folder) and folder, id="a folder's path object"),
        pytest.param(lambda folder: map(open_file, files_of(folder)), id="open files"),
        pytest.param(lambda folder: map(Image.open, files_of(folder)), id="images of Pillow's"),
        pytest.param(lambda _: np.stack([noise(seed) for seed in range(3)]), id="an array"),
        pytest.param(lambda _: np.stack([noise(n) for n in range(3)])[..., None], id="4 axes"),
        pytest.param(lambda _: (noise(seed) for seed in range(3)), id="a generator"),
    ],
)
def test_several_pictures_in_order(
    several: Callable[[Path], Any], asked: dict[str, Any], tmp_path: Path
) -> None:
    given = several(tmp_path)
    answers = predict(given, **asked)
    assert [answer.label for answer in answers] == [fakes.expected(noise(n))[0] for n in range(3)]
    if answers[0].path is not None:
        assert [answer.path for answer in answers] == files_of(tmp_path)


def open_file(path: str) -> io.BytesIO:
    return io.BytesIO(Path(path).read_bytes())


def test_a_folder_of_a_picture_that_can_not_be_read(tmp_path: Path, asked: dict[str, Any]) -> None:
    (tmp_path / "a.png").write_text("no picture")
    (answer,) = predict(tmp_path, **asked)
    assert (answer.status, answer.path) == ("failed", str(tmp_path / "a.png"))


@pytest.mark.parametrize("nothing", [[], (), np.zeros((0, 28, 28), np.uint8), iter([])])
def test_nothing(nothing: Any, asked: dict[str, Any]) -> None:
    assert predict(nothing, **asked) == []


def test_an_empty_folder(tmp_path: Path, asked: dict[str, Any]) -> None:
    assert predict(tmp_path, **asked) == []


@pytest.mark.parametrize("images", [None, 7, 7.5, object()])
def test_what_is_neither_a_picture_nor_several(images: Any, asked: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="predict takes a picture, several, or a folder"):
        predict(images, **asked)


def test_a_camera_s_picture_of_pillow_s_is_upright(tmp_path: Path, asked: dict[str, Any]) -> None:
    turned = Image.fromarray(noise(0))
    turned.getexif()[274] = 6
    turned.save(tmp_path / "a.jpg", exif=turned.getexif(), quality=100)
    with Image.open(tmp_path / "a.jpg") as image:
        assert predict(image, **asked)[0][:5] == predict(tmp_path / "a.jpg", **asked)[0][:5]


def test_positions_stay() -> None:
    assert Prediction._fields == (
        "label",
        "confidence",
        "status",
        "reason",
        "probabilities",
        "no_digit",
        "path",
    )


def test_predict_and_score_agree(tmp_path: Path) -> None:
    paths = sorted((ROOT / "sample_images" / "7").glob("*.png"))
    score(ROOT / "sample_images" / "7", tmp_path / "out.csv", runtime="onnx")
    lines = (tmp_path / "out.csv").read_text().splitlines()[1:]
    answers = predict(paths, runtime="onnx")
    said = [
        f"{p.name},{a.label},{a.confidence:.6f},{a.status}"
        for p, a in zip(paths, answers, strict=True)
    ]
    assert [",".join(line.split(",")[:4]) for line in lines] == said


def test_an_unknown_choice() -> None:
    with pytest.raises(UsageError, match=r"runtime must be one of keras, .*received 'magic'"):
        predict([noise(0)], runtime="magic")


def test_predict_in_threads_of_a_program(asked: dict[str, Any]) -> None:
    def labels(seed: int) -> list[int | None]:
        return [answer.label for answer in predict([noise(seed)], **asked)]

    async def in_a_loop() -> list[int | None]:
        return [*await asyncio.to_thread(labels, 8), *labels(9)]

    streams = sys.stdout, sys.stderr
    with ThreadPoolExecutor(8) as threads:
        answers = [*chain(*threads.map(labels, range(8))), *asyncio.run(in_a_loop())]
    assert answers == [fakes.expected(noise(seed))[0] for seed in range(10)]
    assert (sys.stdout, sys.stderr) == streams


#: a program without `if __name__ == "__main__"`, whose pictures are read by new interpreters
PROGRAM = """
open("ran", "a").write("x")
from batch_predict import predict, score
from batch_predict.runtimes import RUNTIMES
from batch_predict.storage.folder import Folder

Folder.survives_fork = False  # as a bucket
RUNTIMES["fake"] = "tests.support.fakes:RUNTIME"
model = {"model": "model.keras", "runtime": "fake", "preprocess": "plain"}
manifest = score("in", "out.csv", **model, workers=2)
open("said", "w").write(str((manifest["counts"]["ok"], predict(["in/0.png"], **model)[0].label)))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["program.py"], id="script"),
        pytest.param(["-"], id="stdin"),
        pytest.param(["-i"], id="console"),
        pytest.param(["-c", PROGRAM], id="-c"),
        pytest.param(["-m", "package"], id="-m"),
        pytest.param(["-m", "pytest", "-q", "test_program.py"], id="pytest"),
    ],
)
def test_nothing_runs_a_program_again(command: list[str], tmp_path: Path) -> None:
    for name in ("program.py", "test_program.py", "package/__main__.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(PROGRAM)
    (tmp_path / "model.keras").write_bytes(MODEL_BYTES)
    for seed in range(100):
        save(tmp_path / "in" / f"{seed}.png", noise(seed))
    with open(tmp_path / "program.py", "rb") as program:
        subprocess.run(
            [sys.executable, *command],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=program,
            capture_output=True,
            check=False,
        )
    assert (tmp_path / "said").read_text() == str((100, fakes.expected(noise(0))[0]))
    assert (tmp_path / "ran").read_text() == "x"


#: what a program may do with predictions: threads at once, processes of its own, forks
ELSEWHERE = """
import multiprocessing, sys
from concurrent.futures import ThreadPoolExecutor
import numpy as np
from batch_predict import BatchPredictError, predict

ones = np.zeros((2, 28, 28), np.uint8)
ones[:, 4:24, 13:15] = 255
runtime = sys.argv[1]

def labels(_=None):
    try:
        return [answer.label for answer in predict(ones, runtime=runtime)]
    except BatchPredictError as error:
        return str(error)

fork = multiprocessing.get_context("fork")
with fork.Pool(1) as pool:
    print("daemon", pool.apply(labels))
before = sys.stderr
with ThreadPoolExecutor(8) as threads:
    print("threads", list(threads.map(labels, range(8))) == [[1, 1]] * 8)
print("stderr", sys.stderr is before, sys.stderr.closed)
with fork.Pool(1) as pool:
    print("fork", pool.apply(labels), flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("runtime", "forked"),
    [
        pytest.param("onnx", "[1, 1]", id="onnx"),
        pytest.param("openvino", "OpenVINO can't be used here: it had begun when", id="openvino"),
        pytest.param("keras", "TensorFlow can't be used here: it had begun when", id="keras"),
    ],
)
def test_predict_in_processes_and_threads_of_a_program(runtime: str, forked: str) -> None:
    command = [sys.executable, "-c", ELSEWHERE, runtime]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    daemon, threads, stderr, fork = done.stdout.splitlines()
    assert (daemon, threads) == ("daemon [1, 1]", "threads True")
    assert stderr == "stderr True False"
    assert fork.startswith(f"fork {forked}")
    assert done.stderr == ""
