"""The default engine: this machine, this process."""

from collections.abc import Callable, Generator, Iterable

from batch_predict.engines import PrepareStep
from batch_predict.records import ImageRef, Prepared, Row
from batch_predict.scoring import Scorer, unscored


def run(
    refs: Iterable[ImageRef],
    prepare: PrepareStep,
    make_scorer: Callable[[], Scorer],
    batch_size: int,
) -> Generator[list[Row], None, None]:
    """See `Engine`."""
    scorer: Scorer | None = None
    waiting: list[Prepared] = []
    for ref in refs:
        item = prepare(ref)
        if not isinstance(item, Prepared):
            yield [unscored(item)]
            continue
        waiting.append(item)
        if len(waiting) == batch_size:
            scorer = scorer or make_scorer()
            yield scorer(waiting)
            waiting = []
    if waiting:
        yield (scorer or make_scorer())(waiting)
