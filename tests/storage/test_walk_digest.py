"""One hash of all that a walk found."""

import pytest

from batch_predict.records import ImageRef
from batch_predict.storage.walk_digest import WalkDigest

REFS = (ImageRef("a.png", 5, "5 1"), ImageRef("b.png", 6, "6 1"))


def digest(*refs: ImageRef) -> str:
    found = WalkDigest()
    for ref in refs:
        found.add(ref)
    return found.sha256()


def test_the_same_is_the_same_whatever_its_truth() -> None:
    assert digest(*REFS) == digest(*(ref._replace(truth=7) for ref in REFS))


@pytest.mark.parametrize(
    "refs",
    [
        pytest.param((), id="nothing"),
        pytest.param(REFS[:1], id="fewer"),
        pytest.param(REFS[::-1], id="order"),
        pytest.param((REFS[0]._replace(path="c.png"), REFS[1]), id="path"),
        pytest.param((REFS[0]._replace(size=6), REFS[1]), id="size"),
        pytest.param((REFS[0]._replace(version="5 2"), REFS[1]), id="version"),
        pytest.param((REFS[0]._replace(version=None), REFS[1]), id="no version"),
        pytest.param(
            (ImageRef("a.png 5 5 1\n5 b.png", 6, "6 1"),), id="a path that looks like two"
        ),
    ],
)
def test_another_is_another(refs: tuple[ImageRef, ...]) -> None:
    assert digest(*refs) != digest(*REFS)


def test_any_path_can_be_hashed() -> None:
    assert digest(ImageRef("\udce9\n\x00\\x5c", None, None))
