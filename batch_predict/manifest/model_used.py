"""What a run scored with."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from batch_predict.manifest.json_object import JsonObject
from batch_predict.normalize.normalizer_version import NORMALIZER_VERSION
from batch_predict.runtimes.model_file import ModelFile
from batch_predict.runtimes.scale import Scale


class Preparation(NamedTuple):
    """By what pictures become 28x28: profiles of two are not compared."""

    ink_sha256: str | None  # None: rules prepared the pictures, as in 1.0.0
    normalizer: int | None  # its `NORMALIZER_VERSION`; None: as in 1.0.0

    @classmethod
    def by(cls, ink: ModelFile) -> "Preparation":
        """That of this version, by what `ink` marks."""
        return cls(ink.sha256, NORMALIZER_VERSION)

    @classmethod
    def from_json(cls, form: JsonObject) -> "Preparation":
        """That which the card `form`, or a manifest's `model`, names; raises ValueError."""
        return cls(form.given(form.text, "ink_sha256"), form.given(form.count, "normalizer"))

    def to_json(self) -> dict[str, Any]:
        """Its fields of a card, and of a manifest's `model`."""
        return {name: value for name, value in self._asdict().items() if value is not None}


@dataclass(frozen=True)
class ModelUsed:
    """The model that scored, and the ink network that marked what it saw."""

    path: str
    sha256: str
    has_card: bool
    review_below: float | None  # the confidence below which a picture is for review
    scale: Scale | None  # that it takes pixels on; None: not known, as in manifests of 1.0.0
    looks_sha256: str | None  # of judges and rules in its card; None: it alone counts
    preparation: Preparation

    @classmethod
    def of(cls, model: ModelFile, ink: ModelFile) -> "ModelUsed":
        """`model`, which scores what `ink` marks; its scale as far as its card gives it."""
        return cls(
            model.path,
            model.sha256,
            model.card is not None,
            model.review_below,
            model.scale,
            model.looks.sha256() if model.looks else None,
            Preparation.by(ink),
        )

    def to_json(self) -> dict[str, Any]:
        """The field `model` of a manifest."""
        form: dict[str, Any] = {
            "path": self.path,
            "sha256": self.sha256,
            "has_card": self.has_card,
            "review_below": self.review_below,
        }
        if self.scale is not None:
            form["scale"] = self.scale.to_json()
        if self.looks_sha256 is not None:
            form["looks_sha256"] = self.looks_sha256
        return form | self.preparation.to_json()

    @classmethod
    def from_json(cls, form: JsonObject) -> "ModelUsed":
        """What `to_json` wrote; raises ValueError for anything else."""
        return cls(
            form.text("path"),
            form.text("sha256"),
            form.flag("has_card"),
            form.optional(form.number, "review_below"),
            _scale(form) if "scale" in form else None,
            form.given(form.text, "looks_sha256"),
            Preparation.from_json(form),
        )


def _scale(model: JsonObject) -> Scale:
    try:
        return Scale.read(list(model.numbers("scale")))
    except ValueError as error:
        raise model.error("scale", "two numbers that differ, such as [0, 255]") from error
