"""What a search began with or found: each seed is a result or a documented error."""

import time
from pathlib import Path

import pytest

from tests.fuzz.targets import SEED_FOLDER, TARGETS

SECONDS = 10  # of CPU time
MOST_BYTES = 200_000  # of all seeds in the repository

CASES = [
    pytest.param(path, id=f"{path.parent.name}-{path.name}")
    for path in sorted(SEED_FOLDER.glob("*/*"))
]


@pytest.mark.parametrize("seed", CASES)
def test_nothing_escapes(seed: Path) -> None:
    begun = time.process_time()
    TARGETS[seed.parent.name].run(seed.read_bytes())
    assert time.process_time() - begun < SECONDS


def test_every_target_has_seeds() -> None:
    assert {path.name for path in SEED_FOLDER.iterdir()} == set(TARGETS)


def test_seeds_are_small() -> None:
    assert (
        sum(path.stat().st_size for path in SEED_FOLDER.rglob("*") if path.is_file()) < MOST_BYTES
    )
