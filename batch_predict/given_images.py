"""What a program hands over as pictures -> what a worker can take of it, whatever its class."""

import os
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from batch_predict.decode import DECODER_ERRORS, upright_pixels
from batch_predict.errors import UsageError
from batch_predict.records import Code, Reason
from batch_predict.storage import survives_fork
from batch_predict.storage.picture_names import name_category

#: an address; pixels; a file's content; or why there is no picture
Item: TypeAlias = str | NDArray[Any] | bytes | Reason

_CONTENT: Final = (bytes, bytearray, memoryview)
_NO_NUMBERS: Final = "OSU"  # kinds of arrays of paths
_CHANNELS: Final = (1, 3, 4)  # grey, RGB, RGBA: what a third axis of one picture may be


class Given(NamedTuple):
    """One picture that was handed over."""

    item: Item
    path: str | None = None  # where it lies; None for pixels and content
    held: int = 0  # bytes that are in memory for it; 0 where the program itself has them


def folder_of(images: object) -> str | None:
    """The address of the folder that `images` is; None where it is something else."""
    if not isinstance(images, str | os.PathLike):
        return None
    address = _address(images)
    if isinstance(_checked(address, in_folder=address), Reason):
        return None
    if "://" not in address:
        return address if os.path.isdir(address) else None
    name = os.path.basename(address)
    return None if name and name_category(name, all_files=False) is None else address


def each_of(images: object) -> Iterator[Given]:
    """The pictures that `images` is, in order: one, or several that can be iterated.

    What an iterator gives is copied: it may give the same array each time, with other pixels.

    Raises:
        UsageError: it is neither.
    """
    images = _as_array(images)
    if _is_one(images):
        yield given(images)
    elif isinstance(images, Iterable):
        copies = iter(images) is images
        for image in images:
            each = given(image)
            if copies and isinstance(each.item, np.ndarray):
                each = Given(each.item.copy(), held=each.item.nbytes)
            yield each
    else:
        raise UsageError(
            "predict takes a picture, several, or a folder: paths, arrays of uint8, Pillow's"
            f" images; received {type(images).__name__}"
        )


def given(image: object) -> Given:
    """`image` as a worker can take it."""
    image = _as_array(image)
    if isinstance(image, np.ndarray):
        return Given(np.asarray(image))
    if isinstance(image, str | os.PathLike):
        address = _address(image)
        return Given(_checked(address, in_folder=os.path.dirname(address)), address)
    item = _in_memory(image)
    return Given(item, held=_size(item))


def _size(item: Item) -> int:
    if isinstance(item, np.ndarray):
        return item.nbytes
    return len(item) if isinstance(item, bytes) else 0


def is_picture(array: NDArray[Any]) -> bool:
    """Whether `array` is one picture's pixels: uint8, (h, w) or (h, w, channels)."""
    return _has_its_shape(array) and array.dtype == np.uint8 and array.size > 0


def _in_memory(image: object) -> Item:
    try:
        if isinstance(image, Image.Image):
            return upright_pixels(image)
        if isinstance(image, _CONTENT):
            return bytes(image)
        if hasattr(image, "read"):
            content = image.read()
            if isinstance(content, _CONTENT):
                return bytes(content)
    except DECODER_ERRORS:
        return Reason(Code.UNREADABLE, f"this {type(image).__name__} can't be read")
    words = f"a {type(image).__name__} is neither a path nor a picture"
    return Reason(Code.UNSUPPORTED, words)


def _as_array(image: object) -> object:
    """A tensor of another library as an array; a path in an array as text; all else as it is."""
    if isinstance(image, (str, Image.Image, *_CONTENT)) or not hasattr(image, "__array__"):
        return image
    try:
        array = np.asarray(image)
    except Exception:  # another library's, such as of a tensor that lies on a GPU
        return image
    return array.item() if array.ndim == 0 and array.dtype.kind in _NO_NUMBERS else array


def _is_one(images: object) -> bool:
    if isinstance(images, np.ndarray):
        return images.dtype.kind not in _NO_NUMBERS and (images.ndim < 2 or _has_its_shape(images))
    return isinstance(images, (str, os.PathLike, Image.Image, *_CONTENT)) or hasattr(images, "read")


def _has_its_shape(array: NDArray[Any]) -> bool:
    return array.ndim == 2 or (array.ndim == 3 and array.shape[2] in _CHANNELS)


def _address(image: "str | os.PathLike[Any]") -> str:
    """Text alone, whose class a worker knows."""
    return str.__str__(os.fsdecode(image))


def _checked(address: str, in_folder: str) -> str | Reason:
    """`address`, which is in that folder; or why no file can be there."""
    if not address:
        return Reason(Code.UNREADABLE, "an empty path")
    if "\0" in address:
        return Reason(Code.UNREADABLE, "no path holds a NUL character")
    try:
        os.fsencode(address)
    except UnicodeEncodeError:
        return Reason(Code.UNREADABLE, "no path holds such a character")
    if ("://" in address) != ("://" in in_folder):
        return Reason(Code.UNREADABLE, "an address that names no picture")
    try:
        survives_fork(in_folder)
    except UsageError:
        return Reason(Code.UNSUPPORTED, "pictures are read from folders and from s3, gs and az")
    return address
