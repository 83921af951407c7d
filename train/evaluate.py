"""`python -m train evaluate`: the one reader of the test set; it writes the rest of the card."""

import time
from collections.abc import Sequence
from typing import Any, Final

import keras
import numpy as np
from numpy.typing import NDArray

from batch_predict.manifest.model_used import Preparation
from batch_predict.manifest.versions import versions
from batch_predict.records import SIDE, Blank, Prepared
from batch_predict.runtimes.ink import find_ink
from batch_predict.runtimes.keras_runtime import LoadedNetwork, load_network
from batch_predict.runtimes.model_file import ModelFile, find_model
from batch_predict.scoring import Scorer

from .answered import Answered, answered_by, opinions, scorer_of
from .calibrate import calibration_error
from .card import OF_TEST, Card, accuracy_of, identity, read_card, say_accuracy, write_card
from .data import Pictures, load, read_test
from .figures import draw_errors
from .networks import article_code
from .predict import PREDICT_BATCH, predict

# An index of the confidences' histogram. Up to it the mean confidence was the share of right labels
# but for chance, on rendered and damaged pictures of held-out training digits; the least on which
# it was not is 3.85: docs/log.md, 2026-11-27.
CALIBRATED_TO_DRIFT: Final = 1.5
TINY: Final = 1e-30  # keeps a logarithm finite
COST_BATCH: Final = 1024
WARM_UPS: Final = 3
ROUNDS: Final = 40
LOOK_ROUNDS: Final = 3  # of all test pictures


def evaluate(model_path: str, source: str, errors: str | None = None) -> None:
    """Measure the model on the test part of `source` and add the figures to its card.

    One that has looks is measured by the program's answers, which come of all looks; another by its
    own. Of a folder that the model was trained on, the test part is what its training held out.
    `errors` is where to draw the pictures that it got wrong.

    Raises:
        ModelError: the model can't be read, is none that the job takes, or its scale can't be told.
    """
    model = find_model(model_path)
    loaded = load_network(model, PREDICT_BATCH)
    card = {name: value for name, value in read_card(model_path).items() if name not in OF_TEST}
    seed = card.get("training", {}).get("seed", 0)
    card |= {**identity(model_path, loaded.network), "scale": loaded.scale.to_json()}
    if model.looks is None:
        answered, figures = _alone(loaded, load(source, seed).test, card)
    else:
        answered, figures = _with_looks(model, read_test(source, seed))
    card |= {"accuracy": accuracy_of(answered.right, answered.pictures.labels), **figures}
    if "review_below" in card:
        card["review"] = _review(answered)
    card["profile"] = answered.profile()._asdict()
    card["calibrated_to_drift"] = CALIBRATED_TO_DRIFT
    card |= Preparation.by(find_ink()).to_json()  # a run's pictures are prepared so
    card["versions"] = versions()
    write_card(model_path, card)
    if errors:
        draw_errors(answered.probabilities, answered.pictures, errors)
    print(say_accuracy(card["accuracy"]))


def _alone(loaded: LoadedNetwork, test: Pictures, card: Card) -> tuple[Answered, Card]:
    """The answers of a network alone, and what only such have."""
    probabilities = predict(loaded.network, test, loaded.scale)
    review = probabilities.max(axis=1) < card.get("review_below", 0.0)
    answered = Answered(test, probabilities, review)
    raw = _without(card.get("temperature", 1.0), probabilities)
    before = round(calibration_error(raw, test.labels), 5)
    return answered, {
        "calibration": {"ece": answered.calibration_error(), "ece_before": before},
        "cost_ratio": round(cost_ratio(loaded.network), 3),
    }


def _without(temperature: float, probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
    """`probabilities` (n, 10) before the logits were divided by `temperature`."""
    from scipy.special import softmax

    logits = np.log(np.maximum(probabilities, TINY)) * temperature
    return np.asarray(softmax(logits, axis=1), np.float64)


def _with_looks(model: ModelFile, items: Sequence[Prepared | Blank]) -> tuple[Answered, Card]:
    """The program's answers with `model`, and what only such have."""
    scorer = scorer_of(model)
    answered, looked = answered_by(scorer, items)
    return answered, {
        "calibration": {"ece": answered.calibration_error()},
        "looked": looked,
        "cost_ratio": round(program_cost(scorer, items), 3),
    }


def _review(answered: Answered) -> dict[str, Any]:
    """What share of the pictures a person would see, and how many of the errors are among them."""
    seen, wrong = answered.review | ~answered.has_label, ~answered.right
    return {
        "share": round(float(answered.review.mean()), 5),
        "errors": int(wrong.sum()),
        "errors_seen": int((wrong & seen).sum()),
        "silently_wrong": int((wrong & ~seen).sum()),
    }


def program_cost(scorer: Scorer, items: Sequence[Prepared | Blank]) -> float:
    """CPU time of all looks at `items` over that of article-code's `predict_on_batch` on as many
    pictures: the median of LOOK_ROUNDS, in turn."""
    prepared = [item for item in items if isinstance(item, Prepared)]
    pixels = np.random.default_rng(0).random((COST_BATCH, SIDE, SIDE, 1), np.float32)
    other, batches = article_code(), -(-len(items) // COST_BATCH)
    for _ in range(WARM_UPS):
        other.predict_on_batch(pixels)
    ratios = []
    for _ in range(LOOK_ROUNDS):
        start = time.process_time()
        for _ in opinions(scorer, prepared):
            pass
        middle = time.process_time()
        for _ in range(batches):
            other.predict_on_batch(pixels)
        there = (time.process_time() - middle) / (batches * COST_BATCH)
        ratios.append((middle - start) / max(len(prepared), 1) / there)
    return float(np.median(ratios))


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
