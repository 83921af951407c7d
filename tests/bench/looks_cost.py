"""What all looks at pictures cost, beside `predict_on_batch` of the network `article-code`."""

import statistics
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict import looks
from batch_predict.decode import decode
from batch_predict.engines.full_batches import FullBatches
from batch_predict.marking import Marker
from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.normalize.pipeline import normalize
from batch_predict.options import MAX_PIXELS
from batch_predict.records import Batch, ImageRef, Picture, Prepared
from batch_predict.runtimes import find_runtime
from batch_predict.runtimes.ink import find_ink
from batch_predict.runtimes.looks_plan import ALL_READINGS, FIRST_READING
from batch_predict.runtimes.model_file import find_model
from batch_predict.scoring import Networks, Scorer, plan_of
from tests.bench.cache import cached
from tests.bench.cpu import ArticleCode, cpu_seconds, timed
from tests.bench.sets import SETS, mnist_test
from train.marking import marked

ROUNDS: Final = 3
BATCH_SIZE: Final = 256  # of a run that is not told another
HARD: Final = ("corrupted: zigzag", "form: box by hand")
COLUMNS: Final = (
    "pictures", "runtime", "second looks", "third", "article-code, us", "looks, us",
    "maps, us", "readings, us", "cost", "without maps", "networks alone",
)  # fmt: skip


class Cost(NamedTuple):
    """Of all looks at some pictures: CPU seconds a picture, and the shares of pictures."""

    second: float
    third: float
    article: float
    looks: float
    maps: float  # of `looks`, the ink network
    readings: float  # of `looks`, what is read of the maps


def kinds(count: int, cache: Path | None) -> dict[str, Callable[[], Batch]]:
    """The pictures, as they are before the first look: `count` of each kind of HARD."""
    hard = {name: lambda name=name: _prepared(name, count, cache) for name in HARD}
    return {"MNIST's test set": lambda: _mnist(mnist_test()[0]), **hard}


def _mnist(pixels: NDArray[np.uint8]) -> Batch:
    return Batch.of([Prepared(ImageRef(str(n)), each) for n, each in enumerate(pixels)])


def _prepared(name: str, count: int, cache: Path | None) -> Batch:
    samples = cached(cache, name, count, SETS[name])
    decoded = (decode(ImageRef(str(n)), each.data, MAX_PIXELS) for n, each in enumerate(samples))
    pictures = (picture for picture in decoded if isinstance(picture, Picture))
    items = marked(normalize(picture, Preprocess.AUTO, Polarity.AUTO) for picture in pictures)
    return Batch.of([item for item in items if isinstance(item, Prepared)])


def measured(batch: Batch, scorer: Scorer, article: ArticleCode) -> Cost:
    """All looks at `batch`, in batches as a run has them: the median of ROUNDS."""
    found = np.concatenate([scorer.predict(part).looks for part in _batches(batch)])  # loads all
    rounds = []
    for _ in range(ROUNDS):
        with timed(Marker, "mark") as maps, timed(looks, "readings") as read:
            start = cpu_seconds()
            for part in _batches(batch):
                scorer.predict(part)
            spent = cpu_seconds() - start
        each = (seconds / len(found) for seconds in (spent, sum(maps), sum(read)))
        rounds.append((article.picture_seconds(), *each))
    shares = (float(np.mean(found >= number)) for number in (FIRST_READING, ALL_READINGS))
    return Cost(*shares, *map(statistics.median, zip(*rounds, strict=True)))


def _batches(batch: Batch) -> Iterator[Batch]:
    together = FullBatches(BATCH_SIZE)
    while batch.refs:
        part, batch = batch.split(BATCH_SIZE)
        yield from together.add(part)
    yield from together.rest()


def scorer_of(model: str, runtime: str) -> Scorer:
    """A run's, of the model and on the runtime of these names."""
    found = find_model(model)
    networks = Networks.load(found, find_ink(), find_runtime(runtime), BATCH_SIZE)
    return Scorer(networks, plan_of(found, Preprocess.AUTO), BATCH_SIZE, found.review_below)


def line(name: str, runtime: str, cost: Cost) -> str:
    """A line of the table."""
    cells = [
        name,
        runtime,
        f"{cost.second:.1%}",
        f"{cost.third:.1%}",
        *(f"{1e6 * seconds:.0f}" for seconds in cost[2:]),
        f"{cost.looks / cost.article:.3f}",
        f"{(cost.looks - cost.maps) / cost.article:.3f}",
        f"{(cost.looks - cost.maps - cost.readings) / cost.article:.3f}",
    ]
    return f"| {' | '.join(cells)} |"


def lines(model: str, runtimes: Sequence[str], count: int, cache: Path | None) -> Iterator[str]:
    """The table."""
    article = ArticleCode()
    scorers = {runtime: scorer_of(model, runtime) for runtime in runtimes}
    yield f"| {' | '.join(COLUMNS)} |"
    yield f"|{' --- |' * len(COLUMNS)}"
    for name, pictures in kinds(count, cache).items():
        batch = pictures()
        for runtime, scorer in scorers.items():
            yield line(name, runtime, measured(batch, scorer, article))
