"""The names of what lies beside an output."""

import os

from batch_predict.storage.registry import local


def manifest_file(output: str) -> str:
    """The address of the manifest: `out.run.json`."""
    return f"{_stem(output)}.run.json"


def report_files(output: str) -> tuple[str, str]:
    """The addresses of the report's figures and of its page."""
    return f"{_stem(output)}.report.json", f"{_stem(output)}.report.html"


def decisions_file(output: str) -> str:
    """The address of what a person decided on rows of `output`: runs only read it."""
    return f"{_stem(output)}.decisions.csv"


def review_page(output: str, number: int = 1) -> str:
    """The address of a page to decide on; a long queue has several, numbered from 1."""
    return f"{_stem(output)}.review{'' if number == 1 else f'-{number}'}.html"


def audit_files(output: str) -> tuple[str, str, str]:
    """The addresses of an audit: its page, what was drawn, and the answers a person saves."""
    audit = f"{_stem(output)}.audit"
    return f"{audit}.html", f"{audit}.json", f"{audit}.csv"


def audit_report_files(output: str) -> tuple[str, str]:
    """The addresses of an audit's report: what somebody signs, no run replaces or removes."""
    audit = f"{_stem(output)}.audit"
    return f"{audit}.report.json", f"{audit}.report.html"


def cache_file(output: str) -> str:
    """Where `--incremental` keeps the checkpoint between runs."""
    return f"{local(output)}.cache"


def checkpoint_file(output: str) -> str:
    """Where a run keeps what it has scored so far."""
    return _hidden(output, "work")


def status_file(output: str) -> str:
    """How far a run is, while it is on: `out.status.json`; of a bucket, beside the checkpoint."""
    return f"{_stem(local(output))}.status.json"


def lock_file(output: str) -> str:
    """What is held while the output is written, so that one writes at a time."""
    return _hidden(output, "lock")


def _stem(output: str) -> str:
    return os.path.splitext(output)[0]


def _hidden(output: str, what: str) -> str:
    folder, name = os.path.split(local(output))
    return os.path.join(folder, f".{name}.{what}")
