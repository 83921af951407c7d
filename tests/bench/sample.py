"""A picture of the benchmark."""

from typing import NamedTuple


class Sample(NamedTuple):
    """A picture file and the digit on it; None where there is none, or more than one."""

    data: bytes
    label: int | None
