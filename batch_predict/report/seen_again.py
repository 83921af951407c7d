"""Pictures read, marked and prepared again as a run did it, for a person to look at."""

import logging
from functools import cached_property
from typing import Final

from batch_predict.errors import BatchPredictError
from batch_predict.marking import Marker
from batch_predict.normalize.from_maps import from_maps
from batch_predict.options import Options
from batch_predict.prepare import Prepare
from batch_predict.records import Blank, Failure, ImageRef, Pair, Prepared
from batch_predict.report.pictures import Pictures
from batch_predict.runtimes import find_runtime
from batch_predict.runtimes.ink import Ink, find_ink

_LOGGER: Final = logging.getLogger(__name__)


def pictures_of(options: Options | None) -> Pictures:
    """The pictures of the run with `options`, by path; None has none."""
    return SeenAgain(options) if options else lambda path: None


class SeenAgain:
    """See `Pictures`. Where the run's runtime is not here, pictures are shown as they are."""

    def __init__(self, options: Options) -> None:
        self._prepare = Prepare.of(options)
        self._runtime = options.runtime

    def __call__(self, path: str) -> Pair | None:
        """The picture at `path`, as the CSV writes it; None where it can't be read."""
        picture = self._prepare.picture(ImageRef(path))
        if picture is None:
            return None
        item = self._prepare.normalize(picture)
        if isinstance(item, Prepared):
            return Pair(picture.pixels, None, item.pixels)
        if isinstance(item, Failure) or self._marker is None:
            return Pair(picture.pixels, None, None)
        (marked,) = self._marker.mark([item])
        read = from_maps(item, *marked)
        return Pair(picture.pixels, marked.maps, None if isinstance(read, Blank) else read.pixels)

    @cached_property
    def _marker(self) -> Marker | None:
        try:
            return Marker(Ink(find_ink(), find_runtime(self._runtime).load_any_size))
        except BatchPredictError as error:  # the report may be made where the run was not
            _LOGGER.warning("pictures are shown without what the networks made of them: %s", error)
            return None
