"""Pictures read, marked and prepared again as a run did it, for a person to look at."""

import logging
from functools import cached_property
from typing import Final

from batch_predict.errors import BatchPredictError, ModelError
from batch_predict.marking import Marked, Marker
from batch_predict.normalize.from_maps import from_maps
from batch_predict.normalize.letterbox import side_of
from batch_predict.options import Options
from batch_predict.prepare import Prepare
from batch_predict.records import Blank, Failure, ImageRef, Prepared, Reduced, Views
from batch_predict.report.pictures import Pictures
from batch_predict.runtimes import find_runtime
from batch_predict.runtimes.ink import Ink, find_ink

_LOGGER: Final = logging.getLogger(__name__)


def pictures_of(options: Options | None, ink_sha256: str | None) -> Pictures:
    """The pictures of the run with `options`, by path; None has none.

    The ink network of the hash marked them; None: rules prepared them.
    """
    return SeenAgain(options, ink_sha256) if options else lambda path: None


class SeenAgain:
    """See `Pictures`. Where the run's networks do not run here, pictures are shown as they are."""

    def __init__(self, options: Options, ink_sha256: str | None) -> None:
        self._prepare = Prepare.of(options)
        self._runtime = options.runtime
        self._ink_sha256 = ink_sha256
        self._can_mark = True

    def __call__(self, path: str) -> Views | None:
        """The picture at `path`, as the CSV writes it; None where it can't be read."""
        picture = self._prepare.picture(ImageRef(path))
        if picture is None:
            return None
        item = self._prepare.normalize(picture)
        if isinstance(item, Prepared):
            return Views(picture.pixels, None, item.pixels)
        marked = None if isinstance(item, Failure) else self._marked(item)
        if isinstance(item, Failure) or marked is None:
            return Views(picture.pixels, None, None)
        read = from_maps(item, *marked)
        return Views(picture.pixels, marked.maps, None if isinstance(read, Blank) else read.pixels)

    def _marked(self, picture: Reduced) -> Marked | None:
        """What the run's network says of it; None where that does not run here."""
        if not self._can_mark:
            return None
        try:
            (marked,) = self._marker.mark([picture.pixels], side_of(picture.pixels))
        # The report may be made where the run was not; and none is lost for want of its pictures.
        except BatchPredictError as error:
            self._can_mark = False
            _LOGGER.warning("pictures are shown without what the networks made of them: %s", error)
            return None
        return marked

    @cached_property
    def _marker(self) -> Marker:
        ink = find_ink()
        if ink.sha256 != self._ink_sha256:
            raise ModelError("the run prepared them in another way than this version does")
        return Marker(Ink.of(ink, find_runtime(self._runtime)))
