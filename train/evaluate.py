"""`python -m train evaluate`: the one reader of the test set; it writes the rest of the card."""

import time
from typing import Any, Final

import keras
import numpy as np
from numpy.typing import NDArray

from batch_predict.drift.profile import profile_of
from batch_predict.manifest.versions import versions
from batch_predict.records import PIXEL_MAX, SIDE
from batch_predict.runtimes.ink import find_ink
from batch_predict.runtimes.keras_runtime import load_network
from batch_predict.runtimes.model_file import find_model
from train.calibrate import calibration_error
from train.card import accuracy, identity, read_card, say_accuracy, write_card
from train.data import Pictures, load
from train.figures import draw_errors
from train.networks import article_code
from train.predict import PREDICT_BATCH, predict

COST_BATCH: Final = 1024
WARM_UPS: Final = 3
ROUNDS: Final = 40


def evaluate(model_path: str, source: str, errors: str | None = None) -> None:
    """Judge the model on the test part of `source` and add the figures to its card.

    Of a folder that the model was trained on, that is the part which its training held out.
    `errors` is where to draw the pictures that it got wrong.

    Raises:
        ModelError: the model can't be read, is none that the job takes, or its scale can't be told.
    """
    model, scale = load_network(find_model(model_path), PREDICT_BATCH)
    card = read_card(model_path)
    test = load(source, card.get("training", {}).get("seed", 0)).test
    probabilities = predict(model, test, scale)
    card |= {
        **identity(model_path, model),
        "scale": scale.to_json(),
        "accuracy": accuracy(probabilities, test.labels),
        "calibration": _calibration(probabilities, test, card.get("temperature", 1.0)),
        "cost_ratio": round(cost_ratio(model), 3),
        "versions": versions(),
    }
    if "review_below" in card:
        card["review"] = _review(probabilities, test, card["review_below"])
    confidence, ink = probabilities.max(axis=1), test.pixels.mean(axis=(1, 2)) / PIXEL_MAX
    card["profile"] = profile_of(probabilities.argmax(axis=1), confidence, ink)._asdict()
    card["ink_sha256"] = find_ink().sha256  # a run's pictures are prepared with it
    write_card(model_path, card)
    if errors:
        draw_errors(probabilities, test, errors)
    print(say_accuracy(card["accuracy"]))


def _calibration(
    probabilities: NDArray[np.float32], test: Pictures, temperature: float
) -> dict[str, Any]:
    """Expected calibration error as shipped, and with the temperature taken out again."""
    from scipy.special import softmax

    raw = softmax(np.log(np.maximum(probabilities, 1e-30)) * temperature, axis=1)
    return {
        "ece": round(calibration_error(probabilities, test.labels), 5),
        "ece_before": round(calibration_error(raw, test.labels), 5),
    }


def _review(probabilities: NDArray[np.float32], test: Pictures, below: float) -> dict[str, Any]:
    """What share of the pictures a person would see, and how many of the errors are among them."""
    seen = probabilities.max(axis=1) < below
    wrong = probabilities.argmax(axis=1) != test.labels
    return {
        "share": round(float(seen.mean()), 5),
        "errors": int(wrong.sum()),
        "errors_seen": int((wrong & seen).sum()),
    }


def cost_ratio(model: keras.Model, rounds: int = ROUNDS) -> float:
    """Median over `rounds` of `model`'s `predict_on_batch` time over article-code's, in turn."""
    pixels = np.random.default_rng(0).random((COST_BATCH, SIDE, SIDE, 1), np.float32)
    other = article_code()
    for _ in range(WARM_UPS):
        _seconds(model, pixels)
        _seconds(other, pixels)
    ratios = [_seconds(model, pixels) / _seconds(other, pixels) for _ in range(rounds)]
    return float(np.median(ratios))


def _seconds(model: keras.Model, pixels: np.ndarray) -> float:
    start = time.perf_counter()
    model.predict_on_batch(pixels)
    return time.perf_counter() - start
