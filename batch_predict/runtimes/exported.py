"""The `.onnx` file of a model: of which one it is, on which scale, and whether it is whole."""

import hashlib
import os
import re
from typing import Final, NamedTuple

from batch_predict.errors import ModelError
from batch_predict.runtimes.model_file import ModelFile
from batch_predict.runtimes.scale import Scale
from batch_predict.storage.regular_file import open_regular

#: the key in the file's metadata under which the sha256 of the source model stands
SOURCE_KEY: Final = "source_sha256"
#: and that of its scale: two numbers
SCALE_KEY: Final = "scale"
# The entries as ONNX's protocol buffers write them (fields 1 and 2 of StringStringEntryProto): so
# both runtimes read them, without the onnx package and whatever they let through of the metadata.
_SOURCE: Final = re.compile(rb"\x0a\x0d" + SOURCE_KEY.encode() + rb"\x12\x40([0-9a-f]{64})")
_SCALE: Final = re.compile(
    rb"\x0a\x05" + SCALE_KEY.encode() + rb"\x12[\x04-\x7f]([-+.e0-9]+ [-+.e0-9]+);"
)
# The last entry, of field 14 of a ModelProto: the sha256 of all before it. A weight may have any
# value, so that nothing else tells where one is damaged.
_SEAL: Final = b"\x72\x4a\x0a\x06sha256\x12\x40"
_SEALED: Final = -(len(_SEAL) + 64)  # where a file with that entry is cut


class Exported(NamedTuple):
    """The `.onnx` file beside a model."""

    path: str
    content: bytes
    scale: Scale | None  # None: it was made before 1.1, which said nothing of it


def scale_entry(scale: Scale) -> str:
    """The value under SCALE_KEY; its semicolon ends it."""
    return f"{scale.low!r} {scale.high!r};"


def sealed(content: bytes) -> bytes:
    """The file whose ONNX model is `content`: any change of its bytes is noticed."""
    return content + _SEAL + hashlib.sha256(content).hexdigest().encode()


def is_exported(path: str) -> bool:
    """Whether the file at `path` was made from a model as its SOURCE_KEY says; raises OSError."""
    with open_regular(path) as file:
        return _SOURCE.search(file.read()) is not None


def find_exported(model: ModelFile) -> Exported:
    """The `.onnx` file beside `model`.

    Raises:
        ModelError: there is none, it was made from another model, or it is damaged; of one that was
            made before 1.1 only what is no model is found to be, when it is loaded.
    """
    path = f"{os.path.splitext(model.path)[0]}.onnx"
    mend = f"python -m train export {model.path}"
    try:
        with open_regular(path) as file:
            content = file.read()
    except OSError as error:
        raise ModelError(f"can't read {path}: {error.strerror}; make it with `{mend}`") from error
    source = _SOURCE.search(content)
    if source is None or source[1].decode() != model.sha256:
        raise ModelError(f"{path} was not made from {model.path}; make it anew with `{mend}`")
    whole, seal = content[:_SEALED], content[_SEALED:]
    if seal.startswith(_SEAL) and sealed(whole) != content:
        raise ModelError(f"{path} is damaged; make it anew with `{mend}`")
    scale = _SCALE.search(content)
    return Exported(path, content, Scale(*map(float, scale[1].split())) if scale else None)
