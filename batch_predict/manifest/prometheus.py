"""`--metrics-file X.prom`: a run's counts, for node_exporter's textfile collector."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from errno import EEXIST
from importlib.util import find_spec
from typing import Final, TypeAlias

from batch_predict.errors import BatchPredictError, ExitCode, MissingExtraError, Stopped
from batch_predict.manifest.clock import Clock
from batch_predict.manifest.manifest import Manifest
from batch_predict.manifest.own_marks import METRIC
from batch_predict.manifest.ownership import is_ours
from batch_predict.manifest.run_record import RunRecord
from batch_predict.records import Status
from batch_predict.storage import locate
from batch_predict.storage.staging import staging

_ESCAPE: Final = "backslashreplace"

#: takes the manifest of a run that finished
OnFinish: TypeAlias = Callable[[Manifest], None]
#: name, help, a label besides the output, and values by that label
_Metric: TypeAlias = tuple[str, str, str, Mapping[str, float]]


def check_metrics(path: str | None) -> None:
    """Raises MissingExtraError where metrics are asked for and their library is missing."""
    if path is not None and find_spec("prometheus_client") is None:
        raise MissingExtraError("--metrics-file", "prometheus")


@contextmanager
def write_metrics(path: str | None, output: str, overwrite: bool = False) -> Iterator[OnFinish]:
    """Write the metrics of the run inside to `path`, however it ends; with None, nothing.

    A run that finishes hands over its manifest. Only with `overwrite` is a file replaced that came
    there meanwhile and is none of this program.

    Raises:
        OutputError: the file can't be written.
    """
    if path is None:
        yield lambda manifest: None
        return
    clock = Clock()
    finished: list[Manifest] = []
    code: int = ExitCode.BUG
    try:
        yield finished.append
        code = finished[0].exit_code
    except (BatchPredictError, Stopped) as error:
        code = error.exit_code
        raise
    finally:
        metrics = [*_of_process(code, clock)]
        for manifest in finished:
            metrics += _of_pictures(manifest.record)
        _write(path, output, metrics, overwrite=overwrite)


def _write(path: str, output: str, metrics: Iterable[_Metric], *, overwrite: bool) -> None:
    from prometheus_client import CollectorRegistry, Gauge, generate_latest

    registry = CollectorRegistry()
    storage, file_name = locate(output)
    # A label is UTF-8 text; a name need not be.
    address = os.fsencode(os.path.join(storage.address, file_name)).decode(errors=_ESCAPE)
    for name, words, label, values in metrics:
        labels = ["output", *([label] if label else [])]
        gauge = Gauge(f"{METRIC}{name}", words, labels, registry=registry)
        for key, value in values.items():
            gauge.labels(address, *([key] if label else [])).set(value)
    with staging(output) as staged:
        if not overwrite and not is_ours(path, output):
            raise FileExistsError(EEXIST, "a file of somebody else came there", path)
        with open(staged.add(path), "wb") as file:
            file.write(generate_latest(registry))
        staged.commit()


def _of_process(code: int, clock: Clock) -> Iterator[_Metric]:
    yield "exit_code", "0 is well; the page of exit codes says what to do for each", "", {"": code}
    yield "start_time_seconds", "When the run started", "", {"": clock.started.timestamp()}
    yield "end_time_seconds", "When it ended, however it did", "", {"": time.time()}
    yield "duration_seconds", "How long it took", "", {"": clock.elapsed_s}


def _of_pictures(record: RunRecord) -> Iterator[_Metric]:
    counts, walk, expected = record.counts, record.walk, record.expected
    psi = (record.drift and record.drift.psi) or {}
    by_status = {str(status): count for status, count in counts.by_status.items()}
    yield "pictures", "Pictures by status", "status", by_status
    yield "kept_pictures", "Those with a row from an earlier run", "", {"": walk.kept}
    yield "scored_pictures", "Those that this run scored itself", "", {"": record.scored}
    yield "left_out_files", "What the walk left out, by kind", "kind", walk.skipped
    if walk.gone is not None:
        gone = {"": walk.gone.pictures}
        yield "gone_pictures", "Those of the last finished run that are gone", "", gone
    yield "review_share", "Share of the pictures that are for review", "", {"": counts.review_share}
    if expected is not None and expected.value is not None:
        words = "Share of labels that are right, by calibrated confidence alone"
        yield "expected_accuracy", words, "", {"": expected.value}
    yield "failures", "Failed pictures by reason", "reason", counts.reasons[Status.FAILED]
    yield "drift_psi", "Population stability index by histogram", "histogram", psi
