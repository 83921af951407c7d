"""`--metrics-file X.prom`: a run's counts, for node_exporter's textfile collector."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, TypeAlias

from batch_predict.errors import BatchPredictError, ExitCode, MissingExtraError, Stopped
from batch_predict.manifest.clock import Clock
from batch_predict.records import Status
from batch_predict.storage import locate
from batch_predict.storage.staging import staging

#: records the manifest of a run that finished
Finished: TypeAlias = Callable[[Mapping[str, Any]], None]
_Metric: TypeAlias = tuple[str, str, str, Mapping[str, float]]


@contextmanager
def recorded(path: str | None, output: str) -> Iterator[Finished]:
    """Write the metrics of the run inside to `path`, however it ends; with None, nothing.

    Raises:
        MissingExtraError: prometheus_client is not installed.
        OutputError: the file can't be written.
    """
    if path is None:
        yield lambda about: None
        return
    if find_spec("prometheus_client") is None:
        raise MissingExtraError("--metrics-file", "prometheus")
    clock, about = Clock(), dict[str, Any]()
    code: int = ExitCode.BUG
    try:
        yield about.update
        code = about["exit_code"]
    except (BatchPredictError, Stopped) as error:
        code = error.exit_code
        raise
    finally:
        _write(path, output, code, clock, about)


def _write(path: str, output: str, code: int, clock: Clock, about: Mapping[str, Any]) -> None:
    from prometheus_client import CollectorRegistry, Gauge, generate_latest

    registry = CollectorRegistry()
    storage, file_name = locate(output)
    address = os.path.join(storage.place, file_name)
    for name, words, label, values in _table(code, clock, about):
        labels = ["output", *([label] if label else [])]
        gauge = Gauge(f"batch_predict_{name}", words, labels, registry=registry)
        for key, value in values.items():
            gauge.labels(address, *([key] if label else [])).set(value)
    with staging(output) as staged:
        with open(staged.add(path), "wb") as file:
            file.write(generate_latest(registry))
        staged.commit()


def _table(code: int, clock: Clock, about: Mapping[str, Any]) -> Iterator[_Metric]:
    """Name, help, label but for the output, and values by that label."""
    yield "exit_code", "0 is well; docs/operations.md says what to do for each", "", {"": code}
    yield "start_time_seconds", "When the run started", "", {"": clock.started.timestamp()}
    yield "end_time_seconds", "When it ended, however it did", "", {"": time.time()}
    yield "duration_seconds", "How long it took", "", {"": clock.elapsed_s}
    if not about:  # it did not finish
        return
    yield "pictures", "Pictures by status", "status", about["counts"]
    yield "kept_pictures", "Those with a row from an earlier run", "", {"": about["kept"]}
    yield "failures", "Failed pictures by reason", "reason", about["reasons"][Status.FAILED]
    psi = (about["drift"] or {}).get("psi") or {}
    yield "drift_psi", "Population stability index by histogram", "histogram", psi
