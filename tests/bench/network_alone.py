"""A network alone as a tool of the benchmark: a Keras or ONNX file, and pictures brought to it."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import UnidentifiedImageError

from batch_predict import Prediction
from batch_predict.records import CLASSES, ImageRef, Status
from batch_predict.runtimes.keras_runtime import load_network
from batch_predict.runtimes.model_file import find_alone
from tests.bench.reduced import reduced
from tests.bench.sample import Sample
from tests.bench.tools import CHUNK, NO_ANSWER, Answers, ToolError
from train.data import Pictures
from train.labelled import Found, prepared

_BATCH: Final = 256  # pictures that a network is tried on when it is loaded

_Pixels = NDArray[np.uint8]
#: pictures' files -> (28, 28) of each, light on dark; None: there is nothing to read
Prepare = Callable[[Sequence[bytes]], list[_Pixels | None]]
# (n, 28, 28) -> probabilities (n, 10); the sha256 and the size of the file
_Loaded = tuple[Callable[[_Pixels], NDArray[np.float32]], str, int]


class Network:
    """A network alone, each picture brought to its form by `prepare`: its surest digit, always."""

    together = CHUNK

    def __init__(self, name: str, path: str, how: str) -> None:
        self.name = name
        self._prepare = PREPARED[how]
        self._run, sha256, size = _of_onnx(path) if path.endswith(".onnx") else _of_keras(path)
        self.about = {
            "kind": "network",
            "prepared": how,
            "model": path,
            "sha256": sha256,
            "model_bytes": size,
        }

    def answers(self, samples: Sequence[Sample]) -> Answers:
        """See `Tool`."""
        pixels = self._prepare([sample.data for sample in samples])
        places = [place for place, picture in enumerate(pixels) if picture is not None]
        found = [NO_ANSWER] * len(samples)
        if places:
            seen = np.stack([pixels[place] for place in places])
            for place, row in zip(places, self._run(seen), strict=True):
                label = int(row.argmax())
                found[place] = Prediction(label, float(row[label]), str(Status.OK), "", None)
        return Answers(found)


def _naive(files: Sequence[bytes]) -> list[_Pixels | None]:
    """What a program does that knows of no ink: 28x28 grey, turned to light on dark where it is
    light on the whole."""
    found: list[_Pixels | None] = []
    for data in files:
        try:
            pixels = reduced(data)
        except (UnidentifiedImageError, OSError):
            found.append(None)
            continue
        found.append(255 - pixels if pixels.mean() > 127 else pixels)
    return found


def _by_ours(files: Sequence[bytes]) -> list[_Pixels | None]:
    """As the program's first look sees them."""
    named = [Found(ImageRef(f"{number:06d}"), data) for number, data in enumerate(files)]
    seen = {item.ref.path: item.pixels for item in prepared("", named)}
    return [seen.get(each.ref.path) for each in named]


PREPARED: Final[dict[str, Prepare]] = {"naively": _naive, "by ours": _by_ours}


def _of_keras(path: str) -> _Loaded:
    model = find_alone(path)
    loaded = load_network(model, _BATCH)
    from train.predict import predict  # after Keras, which was quiet

    def run(pixels: _Pixels) -> NDArray[np.float32]:
        pictures = Pictures(pixels, np.zeros(len(pixels), np.uint8))
        return predict(loaded.network, pictures, loaded.scale)

    return run, model.sha256, Path(model.path).stat().st_size


def _of_onnx(path: str) -> _Loaded:
    """A network of pixels from 0 to 1, as (n, 28, 28, 1), (n, 1, 28, 28) or another shape of as
    many numbers, that gives ten for each: probabilities, or what softmax makes such of."""
    import onnxruntime

    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise ToolError(f"can't read the model {path}: {error.strerror}") from error
    try:
        session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors have no other class in common
        raise ToolError(f"{path} is no ONNX model: {error}") from error
    taken, *others = session.get_inputs()
    if others:
        raise ToolError(f"{path} takes {len(others) + 1} inputs, not a picture alone")
    form = [size if isinstance(size, int) else -1 for size in taken.shape[1:]]

    def run(pixels: _Pixels) -> NDArray[np.float32]:
        values = (pixels / np.float32(255)).astype(np.float32).reshape(len(pixels), *form)
        (outputs,) = session.run([session.get_outputs()[0].name], {taken.name: values})
        numbers = np.asarray(outputs, np.float32).reshape(len(pixels), -1)
        if numbers.shape[1] != CLASSES:
            raise ToolError(f"{path} gives {numbers.shape[1]} numbers for a picture, not {CLASSES}")
        if (numbers >= 0).all() and np.allclose(numbers.sum(axis=1), 1, atol=1e-3):
            return numbers
        powers = np.exp(numbers - numbers.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    return run, sha256(content).hexdigest(), len(content)
