"""A model made to do harm is refused, and has done none: what is relied on of Keras's safe mode."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest
from keras import layers

from batch_predict.errors import ModelError
from batch_predict.runtimes.keras_runtime import load_classifier
from batch_predict.runtimes.model_file import find_model

BATCH = 4

Config = dict[str, Any]


def network(*more: layers.Layer) -> keras.Model:
    stack = (layers.Flatten(), *more, layers.Dense(10, "softmax", name="digit"))
    return keras.Sequential([keras.Input((28, 28, 1)), *stack])


def edited(path: Path, edit: Callable[[list[Config]], None]) -> None:
    """Save a model at `path` of whose layers `edit` changed the configs."""
    whole = path.with_name("whole.keras")
    network().save(whole)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "config.json":
                config = json.loads(content)
                edit(config["config"]["layers"])
                content = json.dumps(config).encode()
            target.writestr(name, content)
    whole.unlink()


def activation(module: str, name: str) -> Callable[[list[Config]], None]:
    """The function `name` of `module` as the activation of the last layer."""
    function = {"module": module, "class_name": "function", "config": name}
    return lambda configs: configs[-1]["config"].update(
        activation={**function, "registered_name": name}
    )


def layer(name: str, **config: object) -> Callable[[list[Config]], None]:
    """One of Keras's layers more."""
    form = {"module": "keras.layers", "class_name": name, "registered_name": None}
    return lambda configs: configs.insert(2, {**form, "config": {"name": "more", **config}})


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        pytest.param(activation("os", "system"), "not run", id="a function of the system"),
        pytest.param(activation("builtins", "exec"), "not run", id="a function of Python"),
        pytest.param(
            activation("keras.config", "enable_unsafe_deserialization"), "not run", id="safe mode"
        ),
        pytest.param(activation("keras.utils", "get_file"), "not run", id="a download"),
        pytest.param(layer("StringLookup", vocabulary="/etc/passwd"), "not run", id="a local file"),
        pytest.param(layer("TFSMLayer", filepath="/tmp/saved"), "not run", id="a SavedModel"),
        pytest.param(
            layer("TorchModuleWrapper", module="gASVAAAAAAAAAAA="), "torch|not run", id="a pickle"
        ),
    ],
)
def test_a_config_that_names_what_it_should_not(
    tmp_path: Path, edit: Callable[[list[Config]], None], words: str
) -> None:
    path = tmp_path / "m.keras"
    edited(path, edit)
    with pytest.raises(ModelError, match=words):
        load_classifier(find_model(str(path)), BATCH)
    # Safe mode is on still: the next Lambda is refused.
    network(layers.Lambda(lambda x: x)).save(tmp_path / "next.keras")
    with pytest.raises(ModelError, match="Lambda layer or other code, which is not run"):
        load_classifier(find_model(str(tmp_path / "next.keras")), BATCH)


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file:UserWarning")
@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_the_code_of_a_lambda_is_not_run(tmp_path: Path, suffix: str) -> None:
    ran = tmp_path / "ran"
    path = tmp_path / f"m{suffix}"
    network(layers.Lambda(lambda x, at=str(ran): (open(at, "w").close(), x)[1])).save(path)
    ran.unlink()
    with pytest.raises(ModelError, match="Lambda layer or other code, which is not run"):
        load_classifier(find_model(str(path)), BATCH)
    assert not ran.exists()


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file:UserWarning")
@pytest.mark.parametrize("kind", ["external storage", "external link"])
def test_weights_that_lie_in_another_file_are_not_read(tmp_path: Path, kind: str) -> None:
    secret = tmp_path / "secret"
    path = tmp_path / "m.h5"
    network().save(path)
    with h5py.File(path, "r+") as file:
        names: list[str] = []
        file.visititems(
            lambda name, each: names.append(name) if getattr(each, "shape", None) == (10,) else None
        )
        (name,) = (each for each in names if each.endswith("bias"))
        del file[name]
        if kind == "external storage":
            secret.write_bytes(np.arange(10, dtype=np.float32).tobytes())
            file.create_dataset(name, (10,), np.float32, external=[(str(secret), 0, 40)])
        else:
            with h5py.File(secret, "w") as other:
                other["bias"] = np.arange(10, dtype=np.float32)
            file[name] = h5py.ExternalLink(str(secret), "bias")
    with pytest.raises(ModelError, match="can't load the model"):
        load_classifier(find_model(str(path)), BATCH)
