"""Every runtime, a classifier and the network that marks ink: arrays in, arrays out, as Keras's."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from batch_predict.errors import ModelError, UsageError
from batch_predict.records import CLASSES
from batch_predict.runtimes import RUNTIMES, Classifier, Network, find_runtime
from batch_predict.runtimes.ink import find_ink, quantized
from batch_predict.runtimes.model_file import INK, SHIPPED, find_model
from tests.support.own_models import digits
from tests.support.papers import papers
from train.export_onnx import export

BATCH = 72  # no multiple of what a runtime may take at a time
TOLERANCE = 1e-4  # of a probability, between runtimes
SHIPPED_NETWORKS = sorted(path.stem for path in Path(SHIPPED).glob("*.onnx") if path.stem != INK)
OF_THE_ARTICLE = {"article-code", "article-summary"}  # shipped for Keras alone
OUTPUTS = ("maps", "classes")
SIDES = [64, pytest.param(192, marks=pytest.mark.slow)]
COUNT = 5  # no multiple either


def pictures() -> NDArray[np.float32]:
    """Noise, digits as they are and paler ones, and one without anything: (BATCH, 28, 28, 1)."""
    noise = np.random.default_rng(1).random((BATCH // 6, 28, 28, 1), np.float32)
    plain = digits()[0]
    found = np.concatenate([noise, plain, plain / 2])[:BATCH]
    found[-1] = 0
    return found


@cache
def answers_of_predict(name: str) -> NDArray[np.float32]:
    return by_predict(name, pictures())


def by_predict(name: str, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    model = keras.saving.load_model(find_model(name).path, compile=False)
    answers: NDArray[np.float32] = model.predict(pixels, verbose=0)
    return answers


@pytest.fixture(scope="module", params=SHIPPED_NETWORKS)
def name(request: pytest.FixtureRequest) -> str:
    """Each shipped network with a file for every runtime: the default one, and its judges."""
    shipped: str = request.param
    return shipped


@pytest.fixture(scope="module", params=list(RUNTIMES))
def classifier(request: pytest.FixtureRequest, name: str) -> Classifier:
    return find_runtime(request.param).load_classifier(find_model(name), BATCH)


def assert_alike(ours: NDArray[np.float32], wanted: NDArray[np.float32]) -> None:
    """As far as runtimes may differ; a label only where two classes are as close."""
    np.testing.assert_allclose(ours, wanted, atol=TOLERANCE, rtol=0)
    least, wanted_least = ours.min(axis=1), wanted.min(axis=1)  # a tenth of `no_digit`
    np.testing.assert_allclose(CLASSES * least, CLASSES * wanted_least, atol=TOLERANCE, rtol=0)
    differ = ours.argmax(axis=1) != wanted.argmax(axis=1)
    best, second = np.sort(wanted[differ], axis=1)[:, :-3:-1].T
    assert (best - second <= 2 * TOLERANCE).all()


def test_every_network_of_this_program_is_among_them() -> None:
    """A network without a file for ONNX would be left out of what follows, and of its runtimes."""
    shipped = {path.stem for path in Path(SHIPPED).glob("*.keras")}
    assert shipped - {INK} - OF_THE_ARTICLE == set(SHIPPED_NETWORKS)


def test_outputs_are_probabilities(classifier: Classifier) -> None:
    out = classifier(pictures())
    assert out.shape == (BATCH, 10)
    assert out.dtype == np.float32
    assert (out >= 0).all()
    np.testing.assert_allclose(out.sum(axis=1), 1, atol=1e-5)


def test_outputs_are_those_of_predict(classifier: Classifier, name: str) -> None:
    assert_alike(classifier(pictures()), answers_of_predict(name))


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_model_that_is_exported_now_is_answered_alike(exported: str, runtime: str) -> None:
    classifier = find_runtime(runtime).load_classifier(find_model(exported), BATCH)
    assert_alike(classifier(pictures()), answers_of_predict("digits"))


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A copy of the default model, and what `export` makes of it."""
    path = tmp_path_factory.mktemp("model") / "digits.keras"
    shutil.copy(find_model("digits").path, path)
    export(str(path))
    return str(path)


@pytest.mark.data
def test_mnist_gets_the_labels_of_predict(
    classifier: Classifier, name: str, digits_data: Path
) -> None:
    with np.load(digits_data / "mnist.npz") as mnist:
        pixels = mnist["x_test"][..., None].astype(np.float32) / 255
    count = len(pixels)
    padded = np.concatenate([pixels, np.zeros((-count % BATCH, 28, 28, 1), np.float32)])
    batches = [classifier(batch) for batch in np.split(padded, len(padded) // BATCH)]
    assert_alike(np.concatenate(batches)[:count], by_predict(name, pixels))


def test_an_answer_does_not_depend_on_its_place(classifier: Classifier) -> None:
    order = np.random.default_rng(2).permutation(BATCH)
    np.testing.assert_array_equal(classifier(pictures()[order]), classifier(pictures())[order])


def test_an_answer_does_not_depend_on_its_neighbours(classifier: Classifier) -> None:
    alone = np.zeros((BATCH, 28, 28, 1), np.float32)
    alone[0] = pictures()[0]
    np.testing.assert_array_equal(classifier(alone)[0], classifier(pictures())[0])


@cache
def ink(runtime: str) -> Network:
    return find_runtime(runtime).load_any_size(find_ink(), OUTPUTS)


@cache
def wanted(side: int) -> list[NDArray[np.float32]]:
    answers = keras.saving.load_model(find_ink().path, compile=False).predict(
        papers(COUNT, side).astype(np.float32), verbose=0
    )
    return [answers[name] for name in OUTPUTS]


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_ink_is_marked_as_by_predict(runtime: str, side: int) -> None:
    maps, classes = ink(runtime)(papers(COUNT, side).astype(np.float32))
    assert (maps.dtype, classes.dtype) == (np.float32, np.float32)
    assert (maps.shape, classes.shape) == ((COUNT, side, side, 3), (COUNT, 12))
    wanted_maps, wanted_classes = wanted(side)
    np.testing.assert_allclose(classes, wanted_classes, atol=TOLERANCE)
    levels = [quantized(each).astype(int) for each in (maps, wanted_maps)]
    off = np.abs(levels[0] - levels[1])
    assert off.max() <= 1
    assert (off > 0).mean() <= 1e-4


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_an_ink_answer_does_not_depend_on_its_place(runtime: str, side: int) -> None:
    given = papers(COUNT, side).astype(np.float32)
    whole = ink(runtime)(given)
    order = [4, 2, 0, 3, 1]
    alone = zip(*(ink(runtime)(given[[at]]) for at in order), strict=True)
    shuffled = ink(runtime)(given[order])
    for plain, moved, single in zip(whole, shuffled, alone, strict=True):
        np.testing.assert_array_equal(moved, plain[order])
        np.testing.assert_array_equal(np.concatenate(single), plain[order])


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_outputs_come_in_the_order_asked_for(runtime: str) -> None:
    network = find_runtime(runtime).load_any_size(find_ink(), ["classes", "maps"])
    shapes = [each.shape for each in network(papers(1, 16).astype(np.float32))]
    assert shapes == [(1, 12), (1, 16, 16, 3)]


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_threads_that_begin_at_once_get_their_own_answers(runtime: str) -> None:
    network = find_runtime(runtime).load_any_size(find_ink(), OUTPUTS)
    given = [papers(2, side).astype(np.float32) for side in (64, 48)] * 2
    with ThreadPoolExecutor(len(given)) as pool:
        together = list(pool.map(network, given))
    for pictures_of_one, answers in zip(given, together, strict=True):
        for answer, plain in zip(answers, network(pictures_of_one), strict=True):
            np.testing.assert_array_equal(answer, plain)


@pytest.mark.parametrize(
    ("outputs", "side"),
    [
        pytest.param(["maps", "letters"], 16, id="an output that it has not"),
        pytest.param(OUTPUTS, 24, id="a size that it does not take"),
    ],
)
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_what_a_network_can_not_do_is_said(runtime: str, outputs: list[str], side: int) -> None:
    network = find_runtime(runtime).load_any_size(find_ink(), outputs)
    with pytest.raises(ModelError, match=rf"can't run the network .*ink\S* on pictures {side}x"):
        network(papers(1, side).astype(np.float32))


def test_an_unknown_runtime_lists_the_known() -> None:
    with pytest.raises(UsageError, match=r"runtime must be one of keras, .*received 'abacus'"):
        find_runtime("abacus")
