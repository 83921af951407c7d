"""What a run's profile is compared with: an earlier run's, or the model card's."""

import json
from typing import Any

from batch_predict.drift.profile import read_profile
from batch_predict.drift.stability import Baseline
from batch_predict.errors import UsageError
from batch_predict.runtimes.model_file import ModelFile


def find_baseline(path: str | None, model: ModelFile, *, needed: bool) -> Baseline | None:
    """The profile in the manifest at `path`, else in the model's card, else None.

    Raises:
        UsageError: the manifest holds none that can be read, or one is `needed` and not there.
    """
    name = path or "the model's card"
    try:
        about = _read(path) if path else model.card or {}
        if "profile" not in about:
            raise ValueError("it holds no profile")
        return Baseline(name, read_profile(about["profile"]))
    except ValueError as error:
        if path is None and not needed:  # a card may be without one
            return None
        raise UsageError(
            f"can't measure drift from {name}: {error}; --baseline takes an earlier out.run.json"
        ) from error


def _read(path: str) -> dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as file:
            about = json.load(file)
    except OSError as error:
        raise ValueError(error.strerror) from error
    if not isinstance(about, dict):
        raise ValueError("not a manifest")
    return about
