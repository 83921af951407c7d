from collections import Counter

import pytest

from batch_predict.shard import Shard


@pytest.mark.parametrize("text", ["0/1", "0/16", "15/16"])
def test_a_shard_is_read_and_written(text: str) -> None:
    assert str(Shard.parse(text)) == text


@pytest.mark.parametrize("text", ["16/16", "1/1", "0/0", "-1/4", "1", "a/b", "1/2/3", "", "٣/٤"])
def test_what_is_no_shard(text: str) -> None:
    with pytest.raises(ValueError, match="a shard is") as caught:
        Shard.parse(text)
    words = f"a shard is K/N with K from 0 to N-1, such as 0/16 to 15/16, received {text!r}"
    assert str(caught.value) == words


def test_every_path_falls_into_one_shard_and_shards_are_even() -> None:
    shards = [Shard(index, 16) for index in range(16)]
    counts = Counter(shard for n in range(16_000) for shard in shards if shard.holds(f"{n}.png"))
    assert counts.total() == 16_000
    assert 850 < min(counts.values()) <= max(counts.values()) < 1150


@pytest.mark.parametrize(
    ("path", "index"), [("a.png", 6), ("7/é☃.png", 6), ("./=1.png", 10), ("x\\xff.png", 15)]
)
def test_the_hash_is_the_same_on_every_machine_and_in_every_version(path: str, index: int) -> None:
    # From coreutils: printf %s PATH | b2sum -l 64
    assert [k for k in range(16) if Shard(k, 16).holds(path)] == [index]
