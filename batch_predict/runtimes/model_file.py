"""Which model a run uses: its file, its hash, and what its card says."""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any, Final, TypeVar

from batch_predict.errors import ModelError
from batch_predict.runtimes.looks_plan import LooksPlan
from batch_predict.runtimes.scale import Scale
from batch_predict.storage.regular_file import open_regular

T = TypeVar("T")

_PACKAGE: Final = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
#: inside the package when installed, beside it in a checkout
_PLACES: Final = tuple(os.path.join(at, "models") for at in (_PACKAGE, os.path.dirname(_PACKAGE)))
SHIPPED: Final = next(filter(os.path.isdir, _PLACES), _PACKAGE)

#: how a file of each format begins, and the suffix that Keras knows it by
FORMATS: Final = {b"PK\x03\x04": ".keras", b"\x89HDF\r\n\x1a\n": ".h5"}
_MOST_SHOWN: Final = 40  # characters of a value that a message repeats
#: the shipped network that reads no digits: it marks where one is written
INK: Final = "ink"
_SUFFIXES: Final = (".keras", ".h5", ".hdf5")
#: what to do where a file holds no whole model
SAVE: Final = "save the whole model with model.save('model.keras')"
#: what else people have of a model, by the suffix in lower case, and how a model is made of it
_OTHERS: Final = {
    ".index": f"the weights alone; {SAVE}",
    ".data-00000-of-00001": f"the weights alone; {SAVE}",
    ".ckpt": f"the weights alone; {SAVE}",
    ".pb": f"a part of a SavedModel; {SAVE}",
    ".tflite": f"a TensorFlow Lite model; {SAVE}",
    ".onnx": "an exported model; name the .keras file that it was made from, and --runtime onnx",
    ".pt": "a PyTorch model, which Keras can't read",
    ".pth": "a PyTorch model, which Keras can't read",
}


@dataclass(frozen=True)
class ModelFile:
    """A model on disk. Two are equal where their file is, and the scale that it is used on."""

    path: str
    sha256: str
    card: dict[str, Any] | None = field(compare=False)  # None: the model has no card
    # the confidence under which a person should look
    review_below: float | None = field(compare=False)
    scale: Scale | None = None  # that the card gives; None: it gives none
    # which looks the card gives a picture; None: its answer to the first reading counts
    looks: LooksPlan | None = field(default=None, compare=False)
    judges: tuple["ModelFile", ...] = ()  # that `looks` names
    # how far the confidences of a run may have drifted from the card's pictures, as an index, and
    # their mean still be the share of right labels; None: the card does not say
    calibrated_to_drift: float | None = field(default=None, compare=False)

    def read(self) -> bytes:
        """The content of the file, which is what was hashed.

        Raises:
            ModelError: it can't be read, or is another by now.
        """
        content = _read(self.path)
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise ModelError(f"the model {self.path} was replaced during the run; run again")
        return content


def find_model(name: str, review_below: float | None = None) -> ModelFile:
    """The model at a path, or the shipped one of that name, with its judges.

    `review_below` stands in for what the card says.

    Raises:
        ModelError: there is no such file, it can't be read, or its card belongs to another file;
            or so with a judge, or that is another than the card names.
    """
    model = find_alone(name, review_below)
    looks = _of_card(model.path, model.card, "looks", "looks", LooksPlan.read)
    judges = tuple(_judge(model.path, *each) for each in looks.judges.items()) if looks else ()
    return replace(model, looks=looks, judges=judges)


def find_alone(name: str, review_below: float | None = None) -> ModelFile:
    """The model at a path, or the shipped one of that name, as if its card had no looks.

    For one that is itself a judge, or whose judges need not be there. `review_below` stands in for
    what the card says.

    Raises:
        ModelError: there is no such file, it can't be read, or its card belongs to another file.
    """
    path = model_path(name)
    if os.path.isdir(path):
        raise ModelError(_refusal(path, _folder(path)))
    suffix = os.path.splitext(path)[1].lower()
    content = _read(path)
    if suffix not in _SUFFIXES or not content.startswith(tuple(FORMATS)):
        raise ModelError(_refusal(path, _OTHERS.get(suffix, "none")))
    digest = hashlib.sha256(content).hexdigest()
    card = _read_card(path, digest)
    if review_below is None and card is not None:
        review_below = _review_below(path, card)
    scale = _of_card(path, card, "scale", "scale", Scale.read)
    limit = _of_card(path, card, "calibrated_to_drift", "limit of drift", _index)
    return ModelFile(path, digest, card, review_below, scale, calibrated_to_drift=limit)


def _judge(model: str, name: str, sha256: str) -> ModelFile:
    """The judge that the card of `model` names, which lies beside it."""
    try:
        judge = find_alone(os.path.join(os.path.dirname(model), os.path.basename(name)))
    except ModelError as error:  # who copied the model alone has not heard of a judge
        raise ModelError(
            f"the card {card_path(model)} names a judge, which is to lie beside the model: {error}"
        ) from error
    if judge.sha256 != sha256:
        raise ModelError(
            f"the model {judge.path} is not the judge that the card {card_path(model)} names: its"
            f" sha256 is not {sha256}"
        )
    return judge


def model_path(name: str) -> str:
    """Where the model `name` lies: a shipped one, or the path that it is."""
    shipped = os.path.join(SHIPPED, f"{name}.keras")
    return shipped if os.path.basename(name) == name and os.path.isfile(shipped) else name


def card_path(model_path: str) -> str:
    """`digits.keras` -> `digits.json`."""
    return f"{os.path.splitext(model_path)[0]}.json"


def _read(path: str) -> bytes:
    try:
        with open_regular(path) as file:
            return file.read()
    except OSError as error:
        raise ModelError(
            f"can't read the model {path}: {error.strerror} (shipped are {', '.join(_shipped())})"
        ) from error


def _refusal(path: str, what: str) -> str:
    return f"a model is a .keras or .h5 file, received {path}, which is {what}"


def _folder(path: str) -> str:
    """What kind of folder of a model lies at `path`."""
    if os.path.exists(os.path.join(path, "saved_model.pb")):
        return f"a SavedModel folder; {SAVE}"
    return f"a folder; {SAVE}"


def _review_below(path: str, card: dict[str, Any]) -> float | None:
    value = card.get("review_below")
    if value is None:
        return None
    # A bool is an int to Python; NaN is not between any two numbers.
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
        return value
    shown = json.dumps(value)[:_MOST_SHOWN]
    raise ModelError(
        f"the card {card_path(path)} gives no review threshold: review_below is a confidence from 0"
        f" to 1, received {shown}"
    )


def _index(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < inf:
        return value
    raise ValueError(
        f"calibrated_to_drift is an index such as 0.5, received {json.dumps(value)[:_MOST_SHOWN]}"
    )


def _of_card(
    path: str, card: dict[str, Any] | None, name: str, what: str, read: Callable[[Any], T]
) -> T | None:
    """What `read` makes of the card's `name`, which is `what` in words; None: it has none."""
    if card is None or name not in card:
        return None
    try:
        return read(card[name])
    except ValueError as error:
        raise ModelError(f"the card {card_path(path)} gives no {what}: {error}") from error


def _shipped() -> list[str]:
    names = (n.removesuffix(".keras") for n in os.listdir(SHIPPED) if n.endswith(".keras"))
    return sorted(name for name in names if name != INK)


def _read_card(model_path: str, digest: str) -> dict[str, Any] | None:
    path = card_path(model_path)
    try:
        with open_regular(path) as file:
            card: dict[str, Any] = json.load(file)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ModelError(f"can't read the model's card {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:  # JSON of a thousand levels
        raise ModelError(f"can't read the model's card {path}: not a JSON file") from error
    if not isinstance(card, dict) or card.get("sha256") != digest:
        raise ModelError(f"the card {path} belongs to another model: its sha256 is not {digest}")
    return card
