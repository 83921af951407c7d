"""What a run's profile is compared with: an earlier run's, or the model card's."""

import json

from batch_predict.drift import Baseline
from batch_predict.drift.profile import read_profile
from batch_predict.errors import UsageError
from batch_predict.manifest.json_object import JsonObject
from batch_predict.runtimes.model_file import ModelFile
from batch_predict.storage.input_file import open_input


def find_baseline(path: str | None, model: ModelFile, *, needed: bool) -> Baseline | None:
    """The profile in the manifest at `path`, else in the model's card, else None.

    Nothing else of the manifest is looked at: it may be of another version.

    Raises:
        UsageError: the manifest holds none that can be read, or one is `needed` and not there.
    """
    name = path or "the model's card"
    try:
        form = _read(path) if path else JsonObject(model.card or {})
        if "profile" not in form:
            raise ValueError("it holds no profile")
        return Baseline(name, read_profile(form.value("profile")))
    except ValueError as error:
        if path is None and not needed:  # a card may be without one
            return None
        raise UsageError(
            f"can't measure drift from {name}: {error}; --baseline takes an earlier out.run.json"
        ) from error


def _read(path: str) -> JsonObject:
    try:
        with open_input(path) as file:
            form = json.load(file)
    except OSError as error:
        raise ValueError(error.strerror) from error
    except RecursionError as error:  # JSON of a thousand levels
        raise ValueError("not a manifest") from error
    if not isinstance(form, dict):
        raise ValueError("not a manifest")
    return JsonObject(form)
