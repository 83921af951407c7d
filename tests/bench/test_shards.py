"""Shards, some of which are killed and start again, joined: the table of the whole run."""

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.shards import simulate
from tests.conftest import noise, save

FILES = 128  # that a process may have open


@pytest.fixture
def few_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.slow
@pytest.mark.usefixtures("few_files")
def test_more_parts_than_files_may_be_open(tmp_path: Path, model_file: Path) -> None:
    for number in range(200):
        save(tmp_path / "in" / f"{number}.png", noise(number))
    found = simulate(tmp_path / "in", tmp_path, str(model_file), FILES + 20, 0.02)
    assert found.killed == 3
    assert found.empty
    assert found.is_same
