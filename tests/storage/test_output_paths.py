"""What lies beside an output goes by its name without the suffix, whatever that is."""

import pytest

from batch_predict.storage.output_paths import (
    cache_file,
    checkpoint_file,
    lock_file,
    manifest_file,
    report_files,
)


@pytest.mark.parametrize(
    ("output", "stem"),
    [
        pytest.param("/to/out.csv", "/to/out", id="CSV"),
        pytest.param("/to/out.CSV", "/to/out", id="upper case"),
        pytest.param("/to/out.2026.parquet", "/to/out.2026", id="only the last"),
        pytest.param("/to.csv/out.jsonl", "/to.csv/out", id="a folder with one"),
    ],
)
def test_names(output: str, stem: str) -> None:
    folder, name = output.rsplit("/", 1)
    assert manifest_file(output) == f"{stem}.run.json"
    assert report_files(output) == (f"{stem}.report.json", f"{stem}.report.html")
    assert cache_file(output) == f"{output}.cache"
    assert checkpoint_file(output) == f"{folder}/.{name}.work"
    assert lock_file(output) == f"{folder}/.{name}.lock"
