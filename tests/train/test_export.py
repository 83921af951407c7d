import keras
import numpy as np
import pytest

from batch_predict.errors import UsageError
from train.data import Pictures
from train.export import fold, save, unfold
from train.predict import predict
from train.registry import build


@pytest.fixture(scope="module")
def trained():
    """A compact network with weights and statistics far from where they start, and pictures."""
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    pictures = Pictures(rng.integers(0, 256, (64, 28, 28), np.uint8), np.zeros(64, np.uint8))
    model = build("compact")
    for weight in model.weights:
        if len(weight.shape) == 1:  # scales, shifts, means, variances, the bias
            weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    return model, pictures


def test_folding_changes_no_label_and_hardly_a_probability(trained):
    model, pictures = trained
    whole = keras.ops.softmax(predict(model, pictures)).numpy()
    folded = predict(fold(model), pictures)
    np.testing.assert_array_equal(folded.argmax(axis=1), whole.argmax(axis=1))
    np.testing.assert_allclose(folded, whole, atol=1e-5)


@pytest.mark.parametrize("temperature", [0.5, 2.0])
def test_temperature_changes_confidence_but_no_label(trained, temperature):
    model, pictures = trained
    plain, scaled = (predict(fold(model, t), pictures) for t in (1.0, temperature))
    np.testing.assert_array_equal(scaled.argmax(axis=1), plain.argmax(axis=1))
    logits = np.log(plain) / temperature
    expected = keras.ops.softmax(logits).numpy()
    np.testing.assert_allclose(scaled, expected, atol=1e-5)


def test_the_exported_model_is_float32_within_its_size_and_needs_none_of_our_code(
    trained, tmp_path
):
    path = tmp_path / "compact.keras"
    save(fold(trained[0]), str(path))
    loaded = keras.saving.load_model(path, safe_mode=True)
    assert loaded.count_params() <= 300_000
    assert path.stat().st_size <= 1.5e6
    assert {layer.__module__.split(".")[0] for layer in loaded.layers} == {"keras"}
    assert {layer.compute_dtype for layer in loaded.layers} == {"float32"}


@pytest.mark.slow
def test_an_exported_model_unfolded_answers_as_before(trained):
    pictures = trained[1]
    plain = fold(trained[0], temperature=0.8)
    again = build("compact")
    unfold(plain, again, pictures.inputs())
    np.testing.assert_allclose(predict(fold(again), pictures), predict(plain, pictures), atol=1e-4)


def test_a_model_of_another_network_is_not_begun_with(trained):
    with pytest.raises(UsageError, match="another network"):
        unfold(fold(trained[0]), build("compact-deep"), trained[1].inputs())
