"""Metrics for node_exporter, whatever became of the run."""

from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from batch_predict import job
from batch_predict.errors import BatchPredictError, InputError, OutputError, UsageError
from batch_predict.manifest.prometheus import write_metrics
from batch_predict.options import Options
from tests.conftest import noise, save
from tests.support.here import OneByOne


@pytest.fixture
def run(options: Callable[..., Options], tmp_path: Path) -> Callable[..., dict[str, float]]:
    """Runs and returns the metrics by name and labels, but for the output's."""
    path = tmp_path / "x.prom"

    def run(**changes: object) -> dict[str, float]:
        try:
            job.run(options(metrics_file=str(path), **changes))
        except BatchPredictError as error:
            print(error)
        samples = {}
        for family in text_string_to_metric_families(path.read_text()):
            for sample in family.samples:
                assert sample.labels.pop("output") == str(tmp_path / "out.csv")
                samples[" ".join([sample.name, *sample.labels.values()])] = sample.value
        return samples

    return run


def test_a_finished_run(tmp_path: Path, run: Callable[..., dict[str, float]]) -> None:
    for number in range(3):
        save(tmp_path / "in" / f"{number}.png", noise(number))
    (tmp_path / "in" / "bad.png").write_bytes(b"no picture")
    told = run()
    assert told["batch_predict_exit_code"] == 4
    assert told["batch_predict_pictures ok"] == 3
    assert told["batch_predict_pictures failed"] == 1
    assert told["batch_predict_failures not_an_image"] == 1
    assert told["batch_predict_end_time_seconds"] >= told["batch_predict_start_time_seconds"] - 1


def test_a_run_that_failed(run: Callable[..., dict[str, float]]) -> None:
    told = run(in_dir="missing")
    assert told["batch_predict_exit_code"] == 3
    assert "batch_predict_pictures ok" not in told


def test_an_output_in_a_bucket_goes_by_its_address(tmp_path: Path) -> None:
    path = tmp_path / "x.prom"
    with pytest.raises(InputError), write_metrics(str(path), "s3://bucket/a/out.csv"):
        raise InputError("in_dir went away")
    assert 'batch_predict_exit_code{output="s3://bucket/a/out.csv"} 3.0' in path.read_text()


def test_it_is_checked_before_any_work(options: Callable[..., Options], tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"x\.prom"):
        job.run(options(metrics_file=str(tmp_path / "missing" / "x.prom")))
    with pytest.raises(UsageError, match=r"must end in \.prom"):
        options(metrics_file="x.txt")


def test_a_file_that_can_not_be_written_in_the_end_costs_nothing_else(
    tmp_path: Path,
    options: Callable[..., Options],
    engine: OneByOne,
    capsys: pytest.CaptureFixture[str],
) -> None:
    save(tmp_path / "in" / "a.png", noise(0))
    metrics = tmp_path / "x.prom"
    engine.before = lambda path, number: metrics.mkdir()
    with pytest.raises(OutputError, match=r"can't write .*x\.prom: Is a directory"):
        job.run(options(engine="here", metrics_file=str(metrics)))
    there = sorted(path.name for path in tmp_path.iterdir())
    assert there == ["in", "out.csv", "out.run.json", "x.prom"]
    assert capsys.readouterr().out.startswith("1 picture: 1 ok")
