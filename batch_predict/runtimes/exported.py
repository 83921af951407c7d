"""The `.onnx` file of a model, and which model it was made from."""

import os
import re
from typing import Final

from batch_predict.errors import ModelError
from batch_predict.storage.staging import sha256

#: the key in the file's metadata under which the sha256 of the source model stands
SOURCE_KEY: Final = "source_sha256"
# The entry as ONNX's protocol buffers write it (fields 1 and 2 of StringStringEntryProto): so both
# runtimes read it, without the onnx package and whatever they let through of the metadata.
_ENTRY: Final = re.compile(rb"\x0a\x0d" + SOURCE_KEY.encode() + rb"\x12\x40([0-9a-f]{64})")


def find_exported(model_path: str) -> str:
    """The `.onnx` file beside the model at `model_path`.

    Raises:
        ModelError: there is none, or it was made from another model.
    """
    path = f"{os.path.splitext(model_path)[0]}.onnx"
    mend = f"python -m train export {model_path}"
    try:
        with open(path, "rb") as file:
            entry = _ENTRY.search(file.read())
    except OSError as error:
        raise ModelError(f"can't read {path}: {error.strerror}; make it with `{mend}`") from error
    if entry is None or entry[1].decode() != sha256(model_path):
        raise ModelError(f"{path} was not made from {model_path}; make it anew with `{mend}`")
    return path
