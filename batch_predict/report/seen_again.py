"""Pictures read, marked, prepared and judged again as a run did it, for a person to look at."""

import logging
from collections.abc import Callable
from functools import cached_property
from typing import Final, TypeVar

from batch_predict.errors import BatchPredictError, ModelError
from batch_predict.manifest.model_used import ModelUsed, Preparation
from batch_predict.marking import Marked, Marker
from batch_predict.normalize.from_maps import from_maps
from batch_predict.normalize.letterbox import side_of
from batch_predict.normalize.readings import ReadingKind
from batch_predict.options import Options
from batch_predict.prepare import Prepare
from batch_predict.records import (
    Batch,
    Blank,
    Failure,
    ImageRef,
    Picture,
    Prepared,
    ReadAs,
    Reduced,
    Views,
)
from batch_predict.report.pictures import Pictures
from batch_predict.runtimes import find_runtime
from batch_predict.runtimes.ink import Ink, find_ink
from batch_predict.runtimes.model_file import find_model
from batch_predict.scoring import LateNetworks, Networks, Scorer, plan_of

_LOGGER: Final = logging.getLogger(__name__)
# What a picture is shown without, where a network does not run.
_MADE: Final = "what the networks made of them"
_READINGS: Final = "the readings of those in doubt"

T = TypeVar("T")


def pictures_of(
    options: Options | None, model: ModelUsed | None, networks: LateNetworks | None = None
) -> Pictures:
    """The pictures of the run with `options` and `model`, by path; None has none.

    `networks` are the run's own; None: it has ended, and they are loaded again.
    """
    return SeenAgain(options, model, networks) if options and model else lambda path: None


class SeenAgain:
    """See `Pictures`. Where the run's networks do not run here, pictures are shown as they are."""

    def __init__(
        self, options: Options, model: ModelUsed, networks: LateNetworks | None = None
    ) -> None:
        self._prepare = Prepare.of(options)
        self._options = options
        self._model = model
        self._networks = networks
        self._left_out = set() if model.looks_sha256 else {_READINGS}

    def __call__(self, path: str) -> Views | None:
        """The picture at `path`, as the CSV writes it; None where it can't be read."""
        picture = self._prepare.picture(ImageRef(path))
        return None if picture is None else self.views(picture)

    def views(self, picture: Picture) -> Views:
        """A picture that was decoded already."""
        item = self._prepare.normalize(picture)
        if isinstance(item, Prepared):
            return Views(picture.pixels, None, item.pixels, self._readings(item))
        marked = None if isinstance(item, Failure) else self._marked(item)
        if isinstance(item, Failure) or marked is None:
            return Views(picture.pixels, None, None)
        read = from_maps(item, *marked)
        if isinstance(read, Blank):
            return Views(picture.pixels, marked.maps, None)
        return Views(picture.pixels, marked.maps, read.pixels, self._readings(read))

    def _marked(self, picture: Reduced) -> Marked | None:
        """What the run's ink network says of it; None where that does not run here."""
        pixels = picture.pixels
        found = self._unless_it_fails(_MADE, lambda: self._marker.mark([pixels], side_of(pixels)))
        return found[0] if found else None

    def _readings(self, prepared: Prepared) -> tuple[ReadAs, ...]:
        """What the run's judges say of it; nothing where they do not run here."""
        batch = Batch.of([prepared])
        found = self._unless_it_fails(_READINGS, lambda: self._scorer.readings(batch))
        return found[0] if found else ()

    def _unless_it_fails(self, what: str, make: Callable[[], T]) -> T | None:
        """`make`'s result; once it fails, None, with one warning: pictures are without `what`.

        The report may be made where the run was not; and none is lost for want of its pictures.
        """
        if what in self._left_out:
            return None
        try:
            return make()
        except BatchPredictError as error:
            self._left_out |= {what, _READINGS}  # what can't be marked has no readings
            _LOGGER.warning("pictures are shown without %s: %s", what, error)
            return None

    @cached_property
    def _marker(self) -> Marker:
        ink = find_ink()
        if Preparation.by(ink) != self._model.preparation:
            raise ModelError("the run prepared them in another way than this version does")
        if self._networks is not None:
            return self._networks().marker
        return Marker(Ink.of(ink, find_runtime(self._options.runtime)))

    @cached_property
    def _scorer(self) -> Scorer:
        model, runtime = find_model(self._options.model), find_runtime(self._options.runtime)
        looks_sha256 = model.looks.sha256() if model.looks else None
        if (model.sha256, looks_sha256) != (self._model.sha256, self._model.looks_sha256):
            raise ModelError(f"the model {model.path} or its card is not what it was in the run")
        at_once = len(ReadingKind)  # of one picture
        if self._networks is None:
            networks = Networks.beside(self._marker, model, runtime, at_once)
        else:  # the large ones are there; the screen takes the pictures of a whole batch at a time
            networks = self._networks()._replace(classifier=runtime.load_classifier(model, at_once))
        return Scorer(networks, plan_of(model, self._options.preprocess), at_once)
