"""Addresses of object stores: what is wrong with one is said without a secret; walks are flat."""

import subprocess
import sys
from pathlib import Path

import pytest

from batch_predict.errors import UsageError
from batch_predict.storage import open_storage
from tests.conftest import ROOT

SECRET = "very-secret-indeed"

# Stands in for the store: pages of a million keys, made as they are asked for.
RUN = """
import sys
from batch_predict.storage.bucket_walk import BucketWalk
from batch_predict.workfile import WorkFile
from batch_predict.writers.csv_writer import write
from tests.peak import peak_mib
from tests.same_row import fill

class Store:
    def list(self, chunk_size):
        for first in range(0, count, chunk_size):
            yield [
                {"path": f"{n:07}.png", "size": 300, "e_tag": f"{n}", "last_modified": None}
                for n in range(first, min(first + chunk_size, count))
            ]

folder, count = sys.argv[1], int(sys.argv[2])
with WorkFile(f"{folder}/work", {}) as work:
    fill(work, BucketWalk(Store(), "s3://keys", frozenset(), False))
    write(f"{folder}/out.csv", work.rows(), truth=False, probabilities=False)
print(peak_mib())
"""


@pytest.mark.parametrize(
    ("place", "words"),
    [
        pytest.param("s3://", "an object store's address is s3://bucket/folder", id="no bucket"),
        pytest.param(f"gs://{SECRET}@pictures/in", "gs://bucket/folder, no more", id="a secret"),
        pytest.param("az://pictures/in", "its account is not in the environment", id="no account"),
    ],
)
def test_a_wrong_address_is_a_usage_error(
    place: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    with pytest.raises(UsageError) as caught:
        open_storage(place)
    assert words in str(caught.value)
    assert SECRET not in str(caught.value)


def test_broken_google_credentials_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT_KEY", f'{{"private_key": "{SECRET}"')
    with pytest.raises(UsageError) as caught:
        open_storage("gs://pictures/in")
    assert SECRET not in str(caught.value)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_million_keys_are_listed_kept_and_written_in_little_memory(tmp_path: Path) -> None:
    command = [sys.executable, "-c", RUN, str(tmp_path), "1000000"]
    out = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    print(f"1,000,000 keys: {out.strip()} MiB")
    assert int(out) < 1024
