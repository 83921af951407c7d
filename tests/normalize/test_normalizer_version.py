"""The normalizer's version is raised when what it makes of known pictures becomes another.

`python -m tests.normalize.test_normalizer_version` writes what it makes of them now, once for each
version. The pictures, rendered, with what the ink network marked on them, stay as they are.
"""

import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import numpy as np
import pytest

from batch_predict import normalize
from batch_predict.normalize import from_maps, map_reading, pipeline
from batch_predict.normalize.letterbox import letterbox, reduced, side_of
from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.normalize.normalizer_version import NORMALIZER_VERSION
from batch_predict.normalize.readings import readings, readings_unmarked
from batch_predict.records import Blank, ImageRef, Picture, Reduced
from tests.conftest import ROOT

GOLDEN = ROOT / "tests" / "golden"
MADE = GOLDEN / f"normalizer-{NORMALIZER_VERSION}.npz"
RAISE = (
    "the normalizer makes something else of known pictures: raise NORMALIZER_VERSION and run"
    " `python -m tests.normalize.test_normalizer_version`"
)
LEVELS = 4  # of 255: OpenCV 4.10 and 5.0 differ by 4, where a slant is taken out
EACH = slice(None, None, 4)  # row and column of a square: what moves or fades shows there, too
DIGIT = np.eye(12, dtype=np.float32)[3]
NOTHING = np.zeros(0, np.uint8)

Arrays = Mapping[str, np.ndarray]


def load(path: Path) -> Arrays:
    with np.load(path) as file:
        return dict(file)


def constants() -> Iterator[str]:
    """The numbers that the normalizer goes by, each with its name."""
    for module in iter_modules(normalize.__path__, "batch_predict.normalize."):
        for name, value in vars(import_module(module.name)).items():
            if name.isupper() and isinstance(value, int | float | tuple | dict):
                yield f"{name} = {value}"


def made_of(pictures: Arrays) -> Arrays:
    """All that the normalizer makes of `pictures`; what it says of one is in the name."""
    found = dict.fromkeys(constants(), NOTHING)
    for name in sorted({each.partition("/")[0] for each in pictures}):
        seen = {part: pictures.get(f"{name}/{part}") for part in ("maps", "again", "classes")}
        each = _of_one(pictures[f"{name}/pixels"], **seen)
        found |= {f"{name}/{what}": pixels for what, pixels in each.items()}
    return found


def _of_one(pixels: np.ndarray, maps: Any, again: Any, classes: Any) -> Arrays:
    ref, found = ImageRef("a.png"), {}
    for preprocess in Preprocess:
        for polarity in Polarity:
            item = pipeline.normalize(Picture(ref, pixels), preprocess, polarity)
            step = EACH if isinstance(item, Reduced) else slice(None)
            found[f"{preprocess} {polarity} {type(item).__name__}"] = item.pixels[step, step]
    found["square"] = letterbox(pixels, side_of(pixels))[0][EACH, EACH]
    huge = pixels.repeat(16, axis=0).repeat(15, axis=1)
    found["huge"] = reduced(huge)[EACH, EACH]
    if maps is None:  # in MNIST's form
        return found | {each.kind: each.pixels for each in readings_unmarked(pixels)}
    corner = np.ascontiguousarray(maps[maps.shape[0] // 3 :, maps.shape[1] // 3 :])
    for what, (map_, head) in {
        "first": (maps, classes),
        "a digit": (maps, DIGIT),
        "pale": (maps // 2, DIGIT),
        "cut": (corner, DIGIT),
        "other first": (np.ascontiguousarray(maps[..., [1, 0, 2]]), DIGIT),
        "nothing": (0 * maps, DIGIT),
    }.items():
        read = from_maps.from_maps(Reduced(ref, pixels), map_, head)
        codes = " ".join(reason.code for reason in read.reasons)
        said = f"{what} {type(read).__name__} {codes}"
        found[said] = NOTHING if isinstance(read, Blank) else read.pixels
    return found | {each.kind: each.pixels for each in readings(pixels, maps, again)}


def test_another_normalizer_has_another_version() -> None:
    assert MADE.exists(), f"{MADE.name} is not there: {RAISE}"
    before, now = load(MADE), made_of(load(GOLDEN / "normalizer_pictures.npz"))
    assert now.keys() == before.keys(), f"{sorted(now.keys() ^ before.keys())}: {RAISE}"
    for name, pixels in now.items():
        assert pixels.shape == before[name].shape, f"{name}: {RAISE}"
        apart = np.abs(pixels.astype(int) - before[name]).max(initial=0)
        assert apart <= LEVELS, f"{name}, {apart} levels: {RAISE}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("GAIN", map_reading.GAIN + 0.001, id="a number"),
        pytest.param("_widened", lambda level, grow: level, id="a step left out"),
        pytest.param(
            "stroke_width",
            lambda level, before=map_reading.stroke_width: 1.02 * before(level),
            id="a measure",
        ),
    ],
)
def test_a_small_change_is_noticed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: object
) -> None:
    monkeypatch.setattr(map_reading, name, value)
    with pytest.raises(AssertionError, match="raise NORMALIZER_VERSION"):
        test_another_normalizer_has_another_version()


if __name__ == "__main__":
    if MADE.exists():
        sys.exit(f"{MADE.name} is there: what a version makes stays")
    for old in GOLDEN.glob("normalizer-*.npz"):
        old.unlink()
    np.savez_compressed(MADE, **made_of(load(GOLDEN / "normalizer_pictures.npz")))
