"""Blocks: bounded by number and by bytes, and none holds two archives."""

import pytest

from batch_predict.engines import blocks
from batch_predict.records import ImageRef


def files(count: int, size: int = 1) -> list[ImageRef]:
    return [ImageRef(f"{n}.png", size) for n in range(count)]


def members(*places: int) -> list[ImageRef]:
    return [ImageRef(f"a/{place}.png", place=place) for place in places]


@pytest.mark.parametrize(
    ("refs", "sizes"),
    [
        pytest.param([], [], id="none"),
        pytest.param(files(9), [4, 4, 1], id="files, by number"),
        pytest.param(files(5, 60), [2, 2, 1], id="files, by bytes"),
        pytest.param(members(*range(8)), [8], id="an archive, whole"),
        pytest.param(members(*range(25)), [10, 10, 5], id="a large archive"),
        pytest.param(members(1, 5, 7, 2, 9), [3, 2], id="two archives"),
        pytest.param(files(2) + members(3, 4) + files(1), [2, 2, 1], id="files beside one"),
    ],
)
def test_blocks(refs: list[ImageRef], sizes: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "_FILES", 4)
    monkeypatch.setattr(blocks, "_BYTES", 100)
    monkeypatch.setattr(blocks, "_MEMBERS", 10)
    cut = [block.refs for block in blocks.blocks(iter(refs))]
    assert [len(block) for block in cut] == sizes
    assert [ref for block in cut for ref in block] == refs
