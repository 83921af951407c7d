"""Every engine: one row a ref, the right one, and the model loaded only for a picture."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from batch_predict.engines import ENGINES, find_engine
from batch_predict.errors import UsageError
from batch_predict.options import Options
from batch_predict.records import (
    Blank,
    Code,
    Failure,
    ImageRef,
    Prepared,
    Reason,
    Reduced,
    Status,
)
from batch_predict.rows import Rows
from batch_predict.scoring import Scorer
from tests.conftest import noise
from tests.support import fakes, looks
from tests.support.steps import Step, score


def prepare(ref: ImageRef) -> Prepared | Reduced | Failure:
    """Every third picture is to be marked, every fifth fails; the others are noise of their size.

    Of those to be marked, every second is blank, and some are large.
    """
    ref = read(ref)
    if ref.size % 5 == 0:
        return Failure(ref, Reason(Code.CORRUPT, "bad checksum"))
    if ref.size % 3:
        return Prepared(ref, noise(ref.size))
    if ref.size % 2 == 0:
        return Reduced(ref, np.full((28, 28), 255, np.uint8))
    return Reduced(ref, written(ref.size))


def read(ref: ImageRef) -> ImageRef:
    """`ref` with a content of its own, as that of a file that was read."""
    return ref._replace(content_sha256=ref.size.to_bytes(32))


def written(number: int) -> NDArray[np.uint8]:
    """A stroke of its own for every number, on a large or on a small page."""
    page = np.full((150, 100) if number % 7 == 0 else (28, 20), 255, np.uint8)
    page[3 : 10 + number % 13, 4 : 6 + number % 11] = number % 90
    return page


def finished(ref: ImageRef) -> Prepared | Blank | Failure:
    """What becomes of a picture when it is alone."""
    item = prepare(ref)
    return fakes.marker().read([item])[0] if isinstance(item, Reduced) else item


def refs(count: int) -> list[ImageRef]:
    return [ImageRef(f"{n:05d}.png", n) for n in range(1, count + 1)]


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of a cluster of Ray's for all runs here: one of its own takes some seconds."""
    from ray.cluster_utils import Cluster

    nodes = Cluster(initialize_head=True, head_node_args={"num_cpus": 2})
    try:
        yield nodes.address
    finally:
        nodes.shutdown()


@pytest.fixture
def address(engine: str, request: pytest.FixtureRequest) -> str | None:
    """Of the cluster, where the engine is Ray."""
    return request.getfixturevalue("cluster") if engine == "ray" else None


KNOWN = [pytest.param(name, marks=[pytest.mark.ray] * (name == "ray")) for name in ENGINES]


def run(
    engine: str, address: str | None, refs: Iterable[ImageRef], make_scorer: Callable[[], Scorer]
) -> Iterator[Rows]:
    options = Options("in", "out.csv", batch_size=8, workers=2, ray_address=address)
    return find_engine(engine)(refs, Step(prepare), make_scorer, options)


@pytest.mark.parametrize("engine", KNOWN)
@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 100])
def test_each_ref_gets_its_own_row(engine: str, address: str | None, count: int) -> None:
    def make_scorer() -> Scorer:
        return fakes.scorer(8)

    batches = run(engine, address, iter(refs(count)), make_scorer)
    rows = sorted(row for batch in batches for row in batch)
    assert [row.ref for row in rows] == [*map(read, refs(count))]
    for row in rows:
        expected = finished(row.ref)
        if isinstance(expected, Prepared):
            assert row.label == fakes.expected(expected.pixels)[0]
        else:
            assert row.label is None
    blank = sum(isinstance(finished(ref), Blank) for ref in refs(count))
    assert Counter(row.status for row in rows)[Status.BLANK] == blank


@pytest.mark.parametrize("engine", KNOWN)
@pytest.mark.parametrize("size", [3, 8])
def test_further_looks_give_the_row_of_the_picture_alone(
    engine: str, address: str | None, size: int
) -> None:
    """By judges that read otherwise than the screen, and with what the ink network says."""

    def make_scorer() -> Scorer:
        return looks.scorer(size)

    given = refs(30)
    options = Options("in", "out.csv", batch_size=size, workers=1 + size % 2, ray_address=address)
    batches = find_engine(engine)(iter(given), Step(prepare), make_scorer, options)
    rows = sorted(row for batch in batches for row in batch)
    screen, whole = looks.scorer(1, None), looks.scorer(1)
    others = 0
    for ref, row in zip(given, rows, strict=True):
        item = prepare(ref)
        item = whole.marker.read([item])[0] if isinstance(item, Reduced) else item
        if isinstance(item, Prepared):
            assert [row] == score(whole, [item])
            others += row.label != score(screen, [item])[0].label
    assert others > 2


@pytest.mark.parametrize("engine", KNOWN)
def test_no_picture_no_model(engine: str, address: str | None) -> None:
    def make_scorer() -> Scorer:
        raise AssertionError("the model was loaded")

    only_bad = [ref for ref in refs(30) if ref.size % 5 == 0]
    batches = run(engine, address, iter(only_bad), make_scorer)
    assert sum(len(batch) for batch in batches) == len(only_bad)


def test_an_unknown_engine_lists_the_known() -> None:
    with pytest.raises(UsageError, match=r"engine must be one of local, .*received 'moon'"):
        find_engine("moon")
