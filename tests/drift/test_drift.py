"""Drift is silent on samples of one population and loud on others."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from batch_predict.drift import NOTABLE, SMALLEST, Baseline, drift, stability_index
from batch_predict.drift.profile import Profile, profile_of
from batch_predict.in_memory import score_images
from batch_predict.options import options_from

Pixels = NDArray[np.uint8]
FALSE_ALARMS_MAX = 0.01  # as docs/explanation/drift.md says


def worst(run: Profile, reference: Profile) -> float:
    return drift(run, Baseline("the reference", reference)).furthest()[0]


def sample(random: np.random.Generator, n: int) -> Profile:
    """Of n pictures of a model that is as sure as ours is of MNIST."""
    return profile_of(
        random.integers(0, 10, n), random.beta(20, 0.05, n), random.normal(0.13, 0.04, n).clip(0, 1)
    )


@pytest.mark.parametrize(("n", "reference"), [(200, 200), (200, 10_000), (2000, 500)])
def test_false_alarms(n: int, reference: int) -> None:
    random = np.random.default_rng(n + reference)
    times = 300
    alarms = sum(
        worst(sample(random, n), sample(random, reference)) > NOTABLE for _ in range(times)
    )
    assert alarms <= FALSE_ALARMS_MAX * times


@pytest.mark.parametrize(
    ("labels", "confidence", "ink", "name", "way"),
    [
        pytest.param(7, 0.9995, 0.13, "digits", "more 7s", id="sevens only"),
        pytest.param(None, 0.6, 0.13, "confidence", "less sure", id="unsure"),
        pytest.param(None, 0.9995, 0.6, "ink", "more ink", id="inverted"),
    ],
)
def test_what_differs_is_named(
    labels: int | None, confidence: float, ink: float, name: str, way: str
) -> None:
    random = np.random.default_rng(0)
    digits = random.integers(0, 10, 500) if labels is None else np.full(500, labels)
    run = profile_of(digits, np.full(500, confidence), np.full(500, ink))
    baseline = Baseline("the model's card", sample(random, 5000))
    index, words = drift(run, baseline).furthest()
    _, _, psi, ways = drift(run, baseline)
    assert psi is not None
    assert ways is not None
    assert ways[name] == way
    assert psi[name] > NOTABLE
    assert words.startswith("drift ")
    assert words.endswith(" from the model's card")
    assert index == max(psi.values())


def test_too_few_to_judge() -> None:
    random = np.random.default_rng(0)
    few, many = sample(random, SMALLEST - 1), sample(random, 5000)
    for run, reference in ((few, many), (many, few)):
        found = drift(run, Baseline("x", reference))
        assert found.psi is None
        assert "too few to judge" in found.furthest()[1]


def test_the_index_is_the_textbook_one_of_many_pictures() -> None:
    """The probabilities (0.2, 0.8) against (0.5, 0.5): 0.3 ln 1.6 - 0.3 ln 0.4."""
    a, b = {"a": 200_000, "b": 800_000}, {"a": 500_000, "b": 500_000}
    assert stability_index(a, b) == pytest.approx(0.3 * np.log(1.6 / 0.4), abs=1e-4)


@pytest.fixture(scope="module")
def mnist(digits_data: Path) -> Pixels:
    pixels: Pixels = np.load(digits_data / "mnist.npz")["x_test"]
    return pixels


def scored(pixels: Pixels) -> NDArray[np.float64]:
    """Pixels (n, 28, 28) -> labels, confidences and ink (m, 3) of those with a label."""
    rows = (answer.row for answer in score_images(pixels, options_from("", "", {})))
    labelled = [(row.label, row.confidence, row.ink) for row in rows if row.label is not None]
    return np.array(labelled, np.float64)


@pytest.mark.slow
@pytest.mark.data
def test_false_alarms_on_mnist(mnist: Pixels) -> None:
    rows = scored(mnist)
    random = np.random.default_rng(0)
    times = 1000
    for n in (200, 1000):
        indices = []
        for _ in range(times):
            order = random.permutation(len(rows))
            reference, run = rows[order[:5000]], rows[order[5000 : 5000 + n]]
            indices.append(worst(profile_of(*run.T), profile_of(*reference.T)))
        alarms = sum(index > NOTABLE for index in indices)
        print(f"n = {n}: {alarms} false alarms in {times}, the largest index {max(indices):.3f}")
        assert alarms <= FALSE_ALARMS_MAX * times


def blurred(pixels: Pixels, sigma: float) -> Pixels:
    return np.stack([cv2.GaussianBlur(p, (0, 0), sigma) for p in pixels])


def letters(count: int) -> Pixels:
    drawn = []
    font = ImageFont.load_default(22)
    for number in range(count):
        picture = Image.new("L", (28, 28))
        letter = "ABCDEFGHKMNPRTUVWXY"[number % 19]
        ImageDraw.Draw(picture).text((14, 14), letter, fill=255, font=font, anchor="mm")
        drawn.append(np.asarray(picture))
    return np.stack(drawn)


@pytest.mark.slow
@pytest.mark.data
@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda pixels: 255 - pixels, id="inverted"),
        pytest.param(lambda pixels: blurred(pixels, 1.0), id="blurred by 1 pixel"),
        pytest.param(lambda pixels: blurred(pixels, 1.5), id="blurred by 1.5 pixels"),
        pytest.param(lambda pixels: letters(len(pixels)), id="letters"),
    ],
)
def test_other_pictures_are_caught(
    mnist: Pixels, spoil: Any, request: pytest.FixtureRequest
) -> None:
    reference = profile_of(*scored(mnist[:5000]).T)
    index, as_they_are = (
        worst(profile_of(*scored(pixels).T), reference)
        for pixels in (spoil(mnist[5000:5300]), mnist[5000:5300])
    )
    print(f"{request.node.name}: {index:.2f}, as they are {as_they_are:.2f}")
    assert index > NOTABLE > as_they_are
