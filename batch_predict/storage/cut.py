"""What a shard goes by when it lists its own share alone."""

from typing import NamedTuple


class Cut(NamedTuple):
    """How an input is cut into shards none of which lists what the others do."""

    by: str  # "prefixes": the folders at the top of a bucket; "inventory": each path in one
    sha256: str | None = None  # of the list that was cut, where there is one
