import keras
import numpy as np
import onnxruntime
import pytest

from train.cost import multiply_adds
from train.ink_network import fold, ink
from train.onnx_writer import to_onnx


@pytest.fixture(scope="module")
def trained():
    """A network with weights and statistics far from where they start."""
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    model = ink()
    for weight in model.weights:
        if len(weight.shape) == 1:  # scales, shifts, means, variances, biases
            weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    return model


@pytest.fixture(scope="module")
def folded(trained):
    return fold(trained)


@pytest.fixture(scope="module")
def session(folded):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(to_onnx(folded).SerializeToString(), options)


def pictures(count, side, seed=1):
    """Uneven ones, the last of one grey."""
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(0, 255, (count, side // 8, side // 8, 3))
    found = coarse.repeat(8, axis=1).repeat(8, axis=2) + rng.normal(0, 20, (count, side, side, 3))
    found[-1] = 200
    return np.rint(found.clip(0, 255)).astype(np.float32)


@pytest.mark.slow
def test_its_size(folded):
    assert folded.count_params() <= 600_000
    assert multiply_adds(ink(192)) <= 0.42e9
    assert multiply_adds(ink(192)) == multiply_adds(ink(192, folded=True))


@pytest.mark.parametrize(
    "side", [16, 96, *(pytest.param(s, marks=pytest.mark.slow) for s in (64, 192))]
)
def test_the_maps_have_the_size_of_the_picture(folded, side):
    answer = folded.predict_on_batch(pictures(2, side))
    assert answer["maps"].shape == (2, side, side, 3)
    assert answer["classes"].shape == (2, 12)
    assert answer["maps"].min() >= 0
    assert answer["maps"].max() <= 1
    np.testing.assert_allclose(answer["classes"].sum(axis=1), 1, atol=1e-5)


@pytest.mark.slow
def test_folding_changes_hardly_an_answer(trained, folded):
    given = pictures(4, 64)
    logits = trained.predict_on_batch(given)
    answer = folded.predict_on_batch(given)
    shares = 1 / (1 + np.exp(-np.float64(logits["maps"])))
    np.testing.assert_allclose(answer["maps"], shares, atol=1e-4)
    probabilities = keras.ops.convert_to_numpy(keras.ops.softmax(logits["classes"]))
    np.testing.assert_allclose(answer["classes"], probabilities, atol=1e-4)


@pytest.mark.slow
def test_temperature_divides_the_logits_of_the_classes_alone(trained, folded):
    given = pictures(4, 64)
    plain, soft = folded.predict_on_batch(given), fold(trained, 2.0).predict_on_batch(given)
    np.testing.assert_array_equal(soft["maps"], plain["maps"])
    roots = np.sqrt(np.float64(plain["classes"]))
    expected = roots / roots.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(soft["classes"], expected, atol=1e-4)


def test_light_and_contrast_change_hardly_an_answer(folded):
    given = pictures(3, 64)[:2]
    plain, dim = folded.predict_on_batch(given), folded.predict_on_batch(given / 4 + 100)
    np.testing.assert_allclose(dim["maps"], plain["maps"], atol=0.05)


@pytest.mark.slow
def test_the_saved_model_is_small_float32_and_needs_none_of_our_code(folded, tmp_path):
    path = tmp_path / "ink.keras"
    folded.save(path)
    loaded = keras.saving.load_model(path, safe_mode=True, compile=False)
    given = pictures(2, 64)
    np.testing.assert_array_equal(
        loaded.predict_on_batch(given)["maps"], folded.predict_on_batch(given)["maps"]
    )
    assert path.stat().st_size <= 2.5e6
    assert {layer.__module__.split(".")[0] for layer in loaded.layers} == {"keras"}
    assert {layer.compute_dtype for layer in loaded.layers} == {"float32"}


@pytest.mark.parametrize("side", [64, 192])
def test_the_onnx_file_says_the_same(folded, session, side):
    given = pictures(3, side)
    expected = folded.predict_on_batch(given)
    maps, classes = session.run(["maps", "classes"], {"pixels": given})
    np.testing.assert_allclose(maps, expected["maps"], atol=1e-4)
    np.testing.assert_allclose(classes, expected["classes"], atol=1e-4)
    assert len(to_onnx(folded).SerializeToString()) <= 2.5e6


@pytest.mark.parametrize("runtime", ["keras", "onnx"])
@pytest.mark.parametrize("side", [64, 192])
def test_an_answer_does_not_depend_on_the_rest_of_the_batch(folded, session, side, runtime):
    given, others = pictures(4, side), pictures(4, side, seed=2)
    others[1] = given[1]

    def ask(batch):
        if runtime == "keras":
            return folded.predict_on_batch(batch)["maps"]
        return session.run(["maps"], {"pixels": batch})[0]

    np.testing.assert_array_equal(ask(given)[1], ask(others)[1])
