"""What failed or is for review, and was not so in the last run: as a manifest holds it."""

from dataclasses import dataclass
from typing import Any, Final

from batch_predict.manifest.json_object import JsonObject

MOST: Final = 10_000  # paths that are kept of what is new; all are counted
SHOWN: Final = 5  # paths that are kept of what was so before: a mail names no more


@dataclass(frozen=True)
class Named:
    """Some pictures: how many, and the first of them by path, as the table writes it."""

    count: int
    paths: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """An object of a manifest."""
        return {"count": self.count, "paths": list(self.paths)}

    @classmethod
    def from_json(cls, form: JsonObject) -> "Named":
        """What `to_json` wrote; raises ValueError for anything else."""
        return cls(form.count("count"), form.texts("paths"))


@dataclass(frozen=True)
class NewSinceLast:
    """The pictures that failed or are for review, and were not so in the last run.

    One that was for review and now failed is new among the failed. Without a last run all are new.
    """

    last: str | None  # sha256 of the last run's table; None: there is none, or it can't be read
    failed: Named
    review: Named
    known_failed: Named  # they failed then, too

    @property
    def paths(self) -> tuple[str, ...]:
        """Those of what is new, in order: at most MOST of the failed, and of those for review."""
        return tuple(sorted(self.failed.paths + self.review.paths))

    def to_json(self) -> dict[str, Any]:
        """The field `new_since_last` of a manifest."""
        return {
            "last_csv_sha256": self.last,
            "failed": self.failed.to_json(),
            "review": self.review.to_json(),
            "known_failed": self.known_failed.to_json(),
        }

    @classmethod
    def from_json(cls, form: JsonObject) -> "NewSinceLast":
        """What `to_json` wrote; raises ValueError for anything else."""
        return cls(
            form.optional(form.text, "last_csv_sha256"),
            Named.from_json(form.child("failed")),
            Named.from_json(form.child("review")),
            Named.from_json(form.child("known_failed")),
        )
