"""An engine in this process, one picture at a time, that a test can look into."""

from collections.abc import Callable, Generator, Iterable

from batch_predict.options import Options
from batch_predict.prepare import Postponed, PrepareStep
from batch_predict.records import ImageRef, Prepared
from batch_predict.rows import Rows
from batch_predict.scoring import Scorer, unscored
from tests.support.steps import score


class OneByOne:
    """Calls `before` with the path and its number before each picture; lists those `scored`."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """As if it were new."""
        self.scored: list[str] = []
        self.before: Callable[[str, int], object] = lambda path, number: None

    def __call__(
        self,
        refs: Iterable[ImageRef],
        prepare: PrepareStep,
        make_scorer: Callable[[], Scorer],
        options: Options,
    ) -> Generator[Rows, None, None]:
        """See `Engine`."""
        scorer = make_scorer()
        self.scored = []
        for ref in refs:
            self.before(ref.path, len(self.scored))
            self.scored.append(ref.path)
            (item,) = prepare.each((ref,))
            assert not isinstance(item, Postponed)  # the step is not capped
            scored = score(scorer, [item]) if isinstance(item, Prepared) else [unscored(item)]
            yield Rows.of(scored)


ENGINE = OneByOne()
