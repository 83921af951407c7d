"""Pictures in a program's memory -> their rows, by the engine that scores folders."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL.Image import fromarray

from batch_predict.decode.pixel_modes import to_grey_or_rgb
from batch_predict.engines import find_engine
from batch_predict.normalize.pipeline import normalize
from batch_predict.options import Options
from batch_predict.prepare import Postponed, Prepare
from batch_predict.records import Blank, Code, Failure, ImageRef, Picture, Prepared, Reason, Row
from batch_predict.runtimes import Runtime, find_runtime
from batch_predict.runtimes.model_file import ModelFile, find_model
from batch_predict.scoring import Scorer
from batch_predict.storage import survives_fork
from batch_predict.storage.system_names import from_system
from batch_predict.tables.csv_paths import to_csv

#: a picture's path or address, or its pixels: uint8, (h, w) grey, (h, w, 3) RGB or (h, w, 4) RGBA
Image: TypeAlias = str | os.PathLike[str] | NDArray[np.uint8]

_FILE: Final = (str, os.PathLike)
_CHANNELS: Final = ((), (3,), (4,))  # what may follow height and width


def score_images(images: Sequence[Image], options: Options) -> list[Row]:
    """The row of each of `images`, in their order; a ref's path is its picture's index.

    Raises:
        BatchPredictError: see `api.predict`.
    """
    engine, model = find_engine(options.engine), find_model(options.model, options.review_below)

    def make_scorer() -> Scorer:
        runtime = _runtime(options.runtime, model, options.batch_size, os.getpid())
        return Scorer(runtime, options.batch_size, model.review_below)

    refs = [ImageRef(str(index)) for index in range(len(images))]
    by_ref: dict[ImageRef, Row] = {}
    for rows in engine(refs, PrepareImage(images, options), make_scorer, options):
        by_ref.update((row.ref, row) for row in rows)
    return [by_ref[ref] for ref in refs]


@lru_cache(maxsize=1)
def _runtime(name: str, model: ModelFile, batch_size: int, process: int) -> Runtime:
    """The model stays loaded between calls: a notebook's cell asks for one picture at a time.

    A forked process loads its own: the threads that its parent's runs in are not there.
    """
    return find_runtime(name)(model, batch_size)


@dataclass(frozen=True)
class PrepareImage:
    """See `PrepareStep`: the picture whose index is the ref's path."""

    images: Sequence[Image]
    options: Options
    cap: int | None = None  # pixels of a picture: a larger one is postponed; None: none is

    @property
    def survives_fork(self) -> bool:
        """See `PrepareStep`."""
        files = (os.fspath(image) for image in self.images if isinstance(image, _FILE))
        return all(map(survives_fork, set(map(os.path.dirname, files))))

    def each(self, refs: Sequence[ImageRef]) -> Iterator[Prepared | Blank | Failure | Postponed]:
        """See `PrepareStep`."""
        return map(self._prepare, refs)

    def capped(self, pixels: int) -> "PrepareImage":
        """See `PrepareStep`; an array's normalization takes memory for each of its pixels, too."""
        return replace(self, cap=pixels)

    def _prepare(self, ref: ImageRef) -> Prepared | Blank | Failure | Postponed:
        image: object = self.images[int(ref.path)]
        if isinstance(image, _FILE):
            return self._prepare_file(os.fspath(image))._replace(ref=ref)
        if not isinstance(image, np.ndarray):
            return _unsupported(ref, f"a {type(image).__name__} is neither a path nor an array")
        if not _is_picture(image):
            return _unsupported(ref, f"an array {image.shape} of {image.dtype} is no picture")
        if self.cap is not None and image.shape[0] * image.shape[1] > self.cap:
            return Postponed(ref)
        picture = Picture(ref, to_grey_or_rgb(fromarray(image)))
        return normalize(picture, self.options.preprocess, self.options.polarity)

    def _prepare_file(self, address: str) -> Prepared | Blank | Failure | Postponed:
        folder, name = os.path.split(address)
        prepare = replace(Prepare.of(self.options), in_dir=folder, cap=self.cap)
        text = name if "://" in folder else from_system(name)  # a bucket's names are text
        (item,) = prepare.each((ImageRef(to_csv(text)),))
        return item


def _is_picture(array: NDArray[np.generic]) -> bool:
    fits = array.ndim >= 2 and array.shape[2:] in _CHANNELS
    return fits and array.dtype == np.uint8 and array.size > 0


def _unsupported(ref: ImageRef, words: str) -> Failure:
    return Failure(ref, Reason(Code.UNSUPPORTED, words))
