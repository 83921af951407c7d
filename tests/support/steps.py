"""What engines need, made from a function or a list."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from batch_predict.prepare import PreparedItem, PrepareStep
from batch_predict.records import Batch, ImageRef, Prepared, Row
from batch_predict.scoring import Scorer


@dataclass(frozen=True)
class Step(PrepareStep):
    """A `PrepareStep` that calls `prepare` for each ref; a capped one `prepare_capped`."""

    prepare: Callable[[ImageRef], PreparedItem]
    prepare_capped: Callable[[ImageRef], PreparedItem] | None = None
    survives_fork: bool = True

    def each(self, refs: Sequence[ImageRef]) -> Iterator[PreparedItem]:
        """See `PrepareStep`."""
        return map(self.prepare, refs)

    def capped(self, pixels: int) -> "Step":
        """See `PrepareStep`."""
        return replace(self, prepare=self.prepare_capped or self.prepare, prepare_capped=None)


def score(scorer: Scorer, prepared: Sequence[Prepared]) -> list[Row]:
    """One row for each of `prepared`, which fit into a batch of `scorer`."""
    batch = Batch.of(prepared)
    return list(scorer.rows(batch, scorer.predict(batch)))
