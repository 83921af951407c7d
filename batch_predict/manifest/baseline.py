"""What a run's profile is compared with: an earlier run's, or the model card's."""

import json
import logging
from typing import Final, NamedTuple

from batch_predict.drift import Baseline, Drift, drift
from batch_predict.drift.profile import Profile, read_profile
from batch_predict.errors import UsageError
from batch_predict.manifest.json_object import JsonObject
from batch_predict.manifest.model_used import Preparation
from batch_predict.runtimes.model_file import ModelFile
from batch_predict.storage.regular_file import open_regular

_LOGGER: Final = logging.getLogger(__name__)


class Baselines(NamedTuple):
    """What a run's profile is compared with; None: nothing to compare with is there."""

    asked: Baseline | None  # the earlier run's that `--baseline` names, else the card's
    card: Baseline | None  # the card's, whose pictures the model's confidence is known on

    def drifts(self, run: Profile) -> tuple[Drift | None, Drift | None]:
        """How far `run` is from each."""
        asked, card = (each and drift(run, each) for each in self)
        return asked, card


def find_baselines(
    path: str | None, model: ModelFile, ours: Preparation, *, needed: bool
) -> Baselines:
    """Both baselines of a run; what is `needed` is the one that is asked for.

    Raises:
        UsageError: see `find_baseline`.
    """
    asked = find_baseline(path, model, ours, needed=needed)
    if path is None:
        return Baselines(asked, asked)
    return Baselines(asked, find_baseline(None, model, ours, needed=False))


def find_baseline(
    path: str | None, model: ModelFile, ours: Preparation, *, needed: bool
) -> Baseline | None:
    """The profile in the manifest at `path`, else in the model's card, else None.

    One of pictures that were prepared by anything else than `ours` is not compared, and that is
    warned of. Nothing else of the manifest is looked at: it may be of another
    version.

    Raises:
        UsageError: the manifest holds none that can be read, or one is `needed` and not there, or
            can't be compared.
    """
    name = path or "the model's card"
    try:
        form = _read(path) if path else JsonObject(model.card or {})
        if "profile" not in form:
            raise ValueError("it holds no profile")
        baseline = Baseline(name, read_profile(form.value("profile")))
    except ValueError as error:
        if path is None and not needed:  # a card may be without one
            return None
        raise UsageError(
            f"can't measure drift from {name}: {error}; --baseline takes an earlier out.run.json"
        ) from error
    if _preparation_of(form, is_card=path is None) == ours:
        return baseline
    mend = f"python -m train evaluate {model.path}" if path is None else "run once without it"
    words = (
        f"drift is not measured from {name}: its pictures were prepared in another way than this"
        f" version does; {mend}"
    )
    if needed:
        raise UsageError(words)
    _LOGGER.warning("%s", words)
    return None


def _preparation_of(form: JsonObject, *, is_card: bool) -> Preparation | None:
    """That of the pictures behind a profile; None where nothing that can be read says it."""
    try:
        return Preparation.from_json(form if is_card else form.child("model"))
    except ValueError:
        return None


def _read(path: str) -> JsonObject:
    try:
        with open_regular(path) as file:
            form = json.load(file)
    except OSError as error:
        raise ValueError(error.strerror) from error
    except RecursionError as error:  # JSON of a thousand levels
        raise ValueError("not a manifest") from error
    if not isinstance(form, dict):
        raise ValueError("not a manifest")
    return JsonObject(form)
