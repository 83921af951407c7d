"""Which model a run uses: its file, its hash, and what its card says."""

import json
import os
from dataclasses import dataclass
from typing import Any, Final

from batch_predict.errors import ModelError
from batch_predict.storage.staging import sha256

_PACKAGE: Final = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
#: inside the package when installed, beside it in a checkout
_PLACES: Final = tuple(os.path.join(at, "models") for at in (_PACKAGE, os.path.dirname(_PACKAGE)))
SHIPPED: Final = next(filter(os.path.isdir, _PLACES), _PACKAGE)

#: how the file of each format begins
_MAGIC: Final = {".keras": b"PK\x03\x04", ".h5": b"\x89HDF\r\n\x1a\n"}


@dataclass(frozen=True)
class ModelFile:
    """A model on disk."""

    path: str
    sha256: str
    card: dict[str, Any] | None  # None: the model has no card
    review_below: float | None  # the confidence under which a person should look


def find_model(name: str, review_below: float | None = None) -> ModelFile:
    """The model at a path, or the shipped one of that name.

    `review_below` stands in for what the card says.

    Raises:
        ModelError: there is no such file, it can't be read, or its card belongs to another file.
    """
    shipped = os.path.join(SHIPPED, f"{name}.keras")
    path = shipped if os.path.basename(name) == name and os.path.isfile(shipped) else name
    try:
        with open(path, "rb") as file:
            magic = file.read(max(map(len, _MAGIC.values())))
        digest = sha256(path)
    except OSError as error:
        raise ModelError(
            f"can't read the model {name}: {error.strerror} (shipped are {', '.join(_shipped())})"
        ) from error
    expected = _MAGIC.get(os.path.splitext(path)[1])
    if expected is None or not magic.startswith(expected):
        raise ModelError(f"a model is a .keras or .h5 file, received {path}, which is none")
    card = _read_card(path, digest)
    if review_below is None and card is not None:
        review_below = card.get("review_below")
    return ModelFile(path, digest, card, review_below)


def _shipped() -> list[str]:
    return sorted(n.removesuffix(".keras") for n in os.listdir(SHIPPED) if n.endswith(".keras"))


def _read_card(model_path: str, digest: str) -> dict[str, Any] | None:
    path = f"{os.path.splitext(model_path)[0]}.json"
    try:
        with open(path, encoding="utf-8") as file:
            card: dict[str, Any] = json.load(file)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ModelError(f"can't read the model's card {path}: not a JSON file") from error
    if not isinstance(card, dict) or card.get("sha256") != digest:
        raise ModelError(f"the card {path} belongs to another model: its sha256 is not {digest}")
    return card
