"""A matrix of models that people bring: right labels on the right scale, or refused in words."""

import os
from collections.abc import Callable
from itertools import product
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from batch_predict.errors import ModelError
from batch_predict.runtimes.keras_runtime import load_classifier
from batch_predict.runtimes.model_file import find_model
from tests.support.own_models import (
    LAYOUTS,
    SCALES,
    dense_weights,
    digits,
    expected,
    make,
    save,
)

BATCH = 50
TOLERANCE = 1e-4  # of a probability: float32 where the reference has float64
FILES = {"keras": "model.keras", "h5 of Keras 3": "model.h5", "h5 of Keras 2": "model.h5"}

pytestmark = [
    pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file:UserWarning"),
]


def check(path: Path, scale: str) -> None:
    """The model at `path` answers as the classifier it was made of, on its scale."""
    classifier = load_classifier(find_model(str(path)), BATCH)
    pixels, labels = digits()
    out = classifier(pixels)
    low, high, *_ = SCALES[scale]
    assert classifier.scale == (low, high)
    np.testing.assert_allclose(out, expected(pixels), atol=TOLERANCE)
    assert (out.argmax(axis=1) == labels).all()


@pytest.mark.parametrize("scale", ["float", "rescaled to -1..1", "dark ink, bytes"])
def test_the_scale_is_found(tmp_path: Path, scale: str) -> None:
    check(save(make("sequential", (28, 28, 1), "softmax", scale), tmp_path / "m.keras"), scale)


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("form", ["sequential", "functional"])
def test_every_cell(tmp_path: Path, form: str, scale: str, file: str) -> None:
    for layout, end in product(LAYOUTS, ("softmax", "logits", "named")):
        model = make(form, layout, end, scale)
        path = tmp_path / f"{len(layout)}-{layout[0]}-{end}-{FILES[file]}"
        check(save(model, path, keras_2=file == "h5 of Keras 2"), scale)


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_a_subclass_is_refused_for_its_code(tmp_path: Path, layout: tuple[int, ...]) -> None:
    path = save(make("subclass", layout, "softmax", "float"), tmp_path / "m.keras")
    with pytest.raises(ModelError, match=r"needs custom code, which is not run: .*OwnModel"):
        load_classifier(find_model(str(path)), BATCH)


def with_weights(model: keras.Model) -> keras.Model:
    """`model` with the classifier's weights in its layer `digit`."""
    model.get_layer("digit").set_weights(dense_weights(0, 1))
    return model


def digit(end: str | None = "softmax") -> layers.Layer:
    return layers.Dense(10, end, name="digit")


def two_outputs(*, aside: bool) -> keras.Model:
    """The digit and something else; `aside` is its ten numbers by another way, too."""
    x = inputs = keras.Input((28, 28, 1))
    found = digit()(layers.Flatten()(x))
    other = layers.Dense(10 if aside else 2, "softmax", name="other")(layers.Flatten()(x))
    return with_weights(keras.Model(inputs, {"other": other, "digit": found}))


def logits_and_softmax() -> keras.Model:
    inputs = keras.Input((28, 28, 1))
    logits = digit(None)(layers.Flatten()(inputs))
    return with_weights(keras.Model(inputs, [logits, layers.Softmax()(logits)]))


def open_size() -> keras.Model:
    """A convolution as large as the picture, over any size."""
    inputs = keras.Input((None, None, 1))
    x = layers.Conv2D(10, 28, name="digit")(inputs)
    model = keras.Model(inputs, layers.Softmax()(layers.GlobalMaxPooling2D()(x)))
    weights, biases = dense_weights(0, 1)
    model.get_layer("digit").set_weights([weights.reshape(28, 28, 1, 10), biases])
    return model


def one_by_one() -> keras.Model:
    """The same, whose ten numbers are an image of one pixel."""
    inputs = keras.Input((28, 28, 1))
    model = keras.Model(inputs, layers.Conv2D(10, 28, activation="softmax", name="digit")(inputs))
    weights, biases = dense_weights(0, 1)
    model.get_layer("digit").set_weights([weights.reshape(28, 28, 1, 10), biases])
    return model


def colour() -> keras.Model:
    inputs = keras.Input((28, 28, 3))
    model = keras.Model(inputs, layers.Conv2D(10, 28, activation="softmax", name="digit")(inputs))
    weights, biases = dense_weights(0, 1)
    model.get_layer("digit").set_weights([weights.reshape(28, 28, 1, 10).repeat(3, 2) / 3, biases])
    return model


def sequential(*first: layers.Layer, end: layers.Layer | None = None) -> keras.Model:
    return with_weights(
        keras.Sequential([*first, layers.Flatten(), digit(), *([end] if end else [])])
    )


def nested() -> keras.Model:
    inner = make("functional", (28, 28, 1), "named", "rescaled")
    inputs = keras.Input((28, 28, 1))
    return keras.Model(inputs, inner({"picture": inputs})["digit"])


def divided() -> keras.Model:
    inputs = keras.Input((28, 28, 1), dtype="uint8")
    x = keras.ops.cast(inputs, "float32") / 255.0
    return with_weights(keras.Model(inputs, digit()(layers.Flatten()(x))))


FITS: dict[str, tuple[Callable[[], keras.Model], str]] = {
    "one of two outputs has ten numbers": (lambda: two_outputs(aside=False), "float"),
    "one of two outputs is a softmax": (logits_and_softmax, "float"),
    "any size": (open_size, "float"),
    "ten numbers of one pixel": (one_by_one, "float"),
    "in colour": (colour, "float"),
    "a batch of 7": (lambda: sequential(keras.Input(batch_shape=(7, 28, 28, 1))), "float"),
    "a batch of 1": (lambda: sequential(keras.Input(batch_shape=(1, 28, 28, 1))), "float"),
    "float64": (lambda: sequential(keras.Input((28, 28, 1), dtype="float64")), "float"),
    "int32": (lambda: make("functional", (28, 28), "logits", "integer"), "integer"),
    "augmentation at the front": (
        lambda: sequential(
            keras.Input((28, 28, 1)), layers.RandomRotation(0.1), layers.Rescaling(1 / 255)
        ),
        "rescaled",
    ),
    "the softmax reshaped": (
        lambda: sequential(keras.Input((28, 28, 1)), end=layers.Reshape((1, 10))),
        "float",
    ),
    "a model in a model, named": (nested, "rescaled"),
    "divided by an operation": (divided, "rescaled"),
}


@pytest.mark.parametrize("name", FITS)
def test_what_makes_sense_is_used(tmp_path: Path, name: str) -> None:
    make_model, scale = FITS[name]
    check(save(make_model(), tmp_path / "m.keras"), scale)


def stateful() -> keras.Model:
    inputs = keras.Input(batch_shape=(3, 28, 28))
    return keras.Model(inputs, digit()(layers.LSTM(4, stateful=True)(inputs)))


def two_inputs() -> keras.Model:
    inputs = [keras.Input((28, 28, 1), name="picture"), keras.Input((3,), name="extra")]
    x = layers.Concatenate()([layers.Flatten()(inputs[0]), inputs[1]])
    return keras.Model(inputs, digit()(x))


def reads_nothing() -> keras.Model:
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), digit()])


def fixed_inside() -> keras.Model:
    inputs = keras.Input(batch_shape=(7, 28, 28, 1))
    return keras.Model(inputs, digit()(keras.ops.reshape(inputs, (7, 784))))


@pytest.mark.parametrize(
    ("make_model", "words"),
    [
        pytest.param(two_inputs, r"one input, a picture; .* picture \(None, 28.* extra", id="two"),
        pytest.param(lambda: two_outputs(aside=True), "gives digit .*, other .*alone", id="heads"),
        pytest.param(fixed_inside, "can't (use|run) the model", id="a batch of 7 inside"),
        pytest.param(stateful, "can't (use|run) the model|can't tell", id="stateful"),
        pytest.param(reads_nothing, r'can\'t tell .*m\.json, such as \{"sha256"', id="untrained"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    tmp_path: Path, make_model: Callable[[], keras.Model], words: str
) -> None:
    path = save(make_model(), tmp_path / "m.keras")
    with pytest.raises(ModelError, match=words) as raised:
        load_classifier(find_model(str(path)), BATCH)
    assert "\n" not in str(raised.value)


def test_what_the_layers_say_holds_for_a_model_that_reads_badly(tmp_path: Path) -> None:
    stack = [keras.Input((28, 28, 1)), layers.Rescaling(1 / 255), layers.Flatten(), digit()]
    keras.utils.set_random_seed(0)
    path = save(keras.Sequential(stack), tmp_path / "m.keras")
    assert load_classifier(find_model(str(path)), BATCH).scale == (0, 255)


def test_the_card_wins(tmp_path: Path) -> None:
    path = save(make("sequential", (28, 28, 1), "softmax", "bytes"), tmp_path / "m.keras")
    model = find_model(str(path))
    path.with_suffix(".json").write_text(f'{{"sha256": "{model.sha256}", "scale": [-1, 1]}}')
    assert load_classifier(find_model(str(path)), BATCH).scale == (-1, 1)


@pytest.mark.parametrize("suffix", [".H5", ".hdf5"])
def test_other_suffixes_of_hdf5(tmp_path: Path, suffix: str) -> None:
    path = save(make("functional", (28, 28, 1), "softmax", "rescaled"), tmp_path / "m.h5")
    check(path.rename(tmp_path / f"m{suffix}"), "rescaled")


@pytest.mark.parametrize("name", ["m.weights.h5", "m.h5"])
def test_weights_alone_are_named(tmp_path: Path, name: str) -> None:
    path = tmp_path / "m.weights.h5"
    make("sequential", (28, 28, 1), "softmax", "float").save_weights(path)
    path = path.rename(tmp_path / name)
    with pytest.raises(ModelError, match=r"holds weights only; save .*model\.save"):
        load_classifier(find_model(str(path)), BATCH)


def test_keras_says_which_layer_and_which_argument(tmp_path: Path) -> None:
    path = save(make("sequential", (28, 28, 1), "softmax", "float"), tmp_path / "m.h5")
    content = path.read_bytes()
    path.write_bytes(content.replace(b'"use_bias"', b'"useabias"'))
    with pytest.raises(ModelError, match=r"Dense.*useabias") as raised:
        load_classifier(find_model(str(path)), BATCH)
    assert os.fspath(tmp_path) in str(raised.value)
    assert len(str(raised.value)) < 600
