"""What a person sees while a run is on: a bar on a terminal, nothing elsewhere."""

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

T = TypeVar("T")


def progress(batches: Iterable[list[T]], total: int, *, quiet: bool) -> Iterator[list[T]]:
    """Pass `batches` through, counting their items on a bar of `total`."""
    with tqdm(
        total=total, unit=" pictures", disable=quiet or not sys.stderr.isatty(), dynamic_ncols=True
    ) as bar:
        for batch in batches:
            yield batch
            bar.update(len(batch))
