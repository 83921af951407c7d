"""Pictures that a program hands over -> their rows, by the engine that scores folders."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image as PillowImage
from PIL.Image import fromarray

from batch_predict.decode.pixel_modes import to_grey_or_rgb
from batch_predict.engines import find_engine
from batch_predict.errors import InputError, UsageError, causes, describe, in_one_line
from batch_predict.given_images import Given, Item, each_of, folder_of, is_picture
from batch_predict.options import Options
from batch_predict.prepare import Postponed, Prepare, PreparedItem, PrepareStep, normalized
from batch_predict.records import Code, Failure, ImageRef, Picture, Reason, Row
from batch_predict.runtimes import find_runtime
from batch_predict.runtimes.ink import find_ink
from batch_predict.runtimes.model_file import ModelFile, find_model
from batch_predict.scoring import Networks, Scorer, plan_of
from batch_predict.storage import open_storage, survives_fork
from batch_predict.storage.selection import Selection
from batch_predict.storage.system_names import from_system, to_system
from batch_predict.tables.csv_paths import from_csv, to_csv

#: a picture's path or address; its pixels, uint8: (h, w) grey, (h, w, 3) RGB or (h, w, 4) RGBA;
#: an image of Pillow's; what its file holds
Image: TypeAlias = str | os.PathLike[str] | NDArray[np.uint8] | PillowImage | bytes

# Bytes of pictures that are in memory for this call alone: those of an iterator, and of images of
# Pillow's. A notebook's machine has so much to spare.
_AT_A_TIME: Final = 512 << 20


class Answer(NamedTuple):
    """The row of a picture, and where that lies."""

    row: Row
    path: str | None  # None: in memory


def score_images(images: Image | Iterable[Image], options: Options) -> list[Answer]:
    """The answers for `images`, a folder or one or several pictures, in their order.

    Raises:
        BatchPredictError: see `api.predict`.
    """
    find_engine(options.engine)
    find_runtime(options.runtime)
    model = find_model(options.model, options.review_below)
    folder = folder_of(images)
    if folder is not None:
        refs = _walk(folder)
        if refs or "://" not in folder:  # else it may be an object whose name has no suffix
            rows = _rows(refs, replace(Prepare.of(options), in_dir=folder), model, options)
            return [Answer(row, _path(folder, row.ref)) for row in rows]
    answers: list[Answer] = []
    for part in _parts(each_of(images)):
        refs = [ImageRef(str(index)) for index in range(len(part))]
        rows = _rows(refs, PrepareImage([given.item for given in part], options), model, options)
        answers += [Answer(row, given.path) for row, given in zip(rows, part, strict=True)]
    return answers


def _path(folder: str, ref: ImageRef) -> str:
    name = from_csv(ref.path)
    return os.path.join(folder, name if "://" in folder else to_system(name))


def _walk(folder: str) -> list[ImageRef]:
    """The pictures in `folder`, by path: those that a run takes where no option says another."""
    return list(open_storage(folder).walk(Selection()))


def _parts(pictures: Iterable[Given]) -> Iterator[list[Given]]:
    part: list[Given] = []
    held = 0
    for picture in pictures:
        part.append(picture)
        held += picture.held
        if held >= _AT_A_TIME:
            yield part
            part, held = [], 0
    if part:
        yield part


def _rows(
    refs: Sequence[ImageRef], prepare: PrepareStep, model: ModelFile, options: Options
) -> list[Row]:
    """The rows of `refs`, in their order."""

    def make_scorer() -> Scorer:
        networks = _networks(options.runtime, model, options.batch_size, os.getpid())
        plan = plan_of(model, options.preprocess)
        return Scorer(networks, plan, options.batch_size, model.review_below)

    by_path: dict[str, Row] = {}
    for rows in find_engine(options.engine)(refs, prepare, make_scorer, options):
        by_path.update((row.ref.path, row) for row in rows)
    return [by_path[ref.path] for ref in refs]


@lru_cache(maxsize=1)
def _networks(name: str, model: ModelFile, batch_size: int, process: int) -> Networks:
    """They stay loaded between calls: a notebook's cell asks for one picture at a time.

    A forked process loads its own: the threads that its parent's runs in are not there.
    """
    return Networks.load(model, find_ink(), find_runtime(name), batch_size)


@dataclass(frozen=True)
class PrepareImage(PrepareStep):
    """See `PrepareStep`: the picture whose index is the ref's path."""

    images: Sequence[Item]
    options: Options
    cap: int | None = None  # pixels of a picture: a larger one is postponed; None: none is

    @property
    def survives_fork(self) -> bool:
        """See `PrepareStep`."""
        files = (image for image in self.images if isinstance(image, str))
        return all(map(survives_fork, set(map(os.path.dirname, files))))

    def each(self, refs: Sequence[ImageRef]) -> Iterator[PreparedItem]:
        """See `PrepareStep`."""
        return map(self._prepare, refs)

    def capped(self, pixels: int) -> "PrepareImage":
        """See `PrepareStep`; an array's normalization takes memory for each of its pixels, too."""
        return replace(self, cap=pixels)

    def _prepare(self, ref: ImageRef) -> PreparedItem:
        image = self.images[int(ref.path)]
        if isinstance(image, np.ndarray):
            return self._prepare_pixels(ref, image)
        if isinstance(image, Reason):
            return Failure(ref, image)
        prepare = replace(Prepare.of(self.options), cap=self.cap)
        if isinstance(image, bytes):
            return prepare.of_content(ref, image)
        item = _prepare_file(image, prepare)
        return item._replace(ref=ref._replace(content_sha256=item.ref.content_sha256))

    def _prepare_pixels(self, ref: ImageRef, pixels: NDArray[Any]) -> PreparedItem:
        if not is_picture(pixels):
            words = f"an array {pixels.shape} of {pixels.dtype} is no picture: uint8, (h, w[, 3])"
            return Failure(ref, Reason(Code.UNSUPPORTED, words))
        if self.cap is not None and pixels.shape[0] * pixels.shape[1] > self.cap:
            return Postponed(ref)
        if pixels.shape[2:] == (1,):
            pixels = pixels[..., 0]
        picture = Picture(ref, to_grey_or_rgb(fromarray(pixels)))
        return normalized(picture, self.options.preprocess, self.options.polarity)


def _prepare_file(address: str, prepare: Prepare) -> PreparedItem:
    folder, name = os.path.split(address)
    name = name if "://" in folder else from_system(name)  # a bucket's names are text
    ref = ImageRef(to_csv(name))
    try:
        (item,) = replace(prepare, in_dir=folder).each((ref,))
    except (UsageError, InputError) as error:
        why = in_one_line([describe(error), *causes(error)])
        return Failure(ref, Reason(Code.UNREADABLE, "its store can't be opened"), why)
    if not isinstance(item, Failure):
        return item
    if item.reason.code is Code.VANISHED:  # nobody has seen it before
        return item._replace(reason=Reason(Code.UNREADABLE, "there is no such file"))
    if os.path.isdir(address):
        return item._replace(reason=Reason(Code.UNREADABLE, "a folder: predict takes one alone"))
    return item
