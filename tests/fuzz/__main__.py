"""Searches one target for what it should not raise, led by coverage: see scripts/fuzz."""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

import atheris

with atheris.instrument_imports(include=["batch_predict"]):
    from tests.fuzz.targets import SEED_FOLDER, TARGETS, Target

#: what a field of a JSON file is replaced by
ODD: Final = (
    *(None, True, False, 0, -1, 1, 0.5, 1e308, -0.0, 2**63, 10**30, "", "7", "é\udcff\n", "0/2"),
    *(float("inf"), float("nan"), [], {}, [0, 1], [[]], {"0": 1}, "2026-11-24T02:00:00+00:00"),
)


def main() -> None:
    """`python -m tests.fuzz TARGET [LIBFUZZER ARGUMENTS]`, see `-help=1`."""
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"name a target: {', '.join(TARGETS)}")
    name = sys.argv.pop(1)
    target = TARGETS[name]
    with tempfile.TemporaryDirectory(prefix="fuzz-corpus-") as corpus:
        for n, data in enumerate(target.made()):
            Path(corpus, str(n)).write_bytes(data)
        for path in (SEED_FOLDER / name).iterdir():  # what is imported late is no part of any time
            target.run(path.read_bytes())
        limits = ["-timeout=10", "-rss_limit_mb=3000", "-max_len=65536"]  # a later one counts
        argv = [sys.argv[0], *limits, *sys.argv[1:], corpus, str(SEED_FOLDER / name)]
        atheris.Setup(argv, target.run, **_mutator(target))
        atheris.Fuzz()


def _mutator(target: Target) -> dict[str, Callable[..., bytes]]:
    return {"custom_mutator": _mutate_json} if target.is_json else {}


def _mutate_json(data: bytes, most: int, seed: int) -> bytes:
    """`data` with one field of its JSON replaced, taken out or doubled; or a few bytes changed."""
    random = Random(seed)
    try:
        form = json.loads(data)
    except (ValueError, RecursionError):
        form = None
    places = list(_places(form))
    if not places or random.random() < 0.2:
        return bytes(atheris.Mutate(data, most))
    holder, key = random.choice(places)
    match random.randrange(4):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, dict):
            holder[str(random.choice(ODD))] = holder[key]
        case 2:
            holder[key] = random.choice([each[k] for each, k in places])
        case _:
            holder[key] = random.choice(ODD)
    try:
        changed = json.dumps(form).encode()
    except (ValueError, RecursionError):  # an object inside itself
        return data
    return changed if len(changed) <= most else data


def _places(form: Any) -> Iterator[tuple[Any, Any]]:
    """Each object or list in `form`, and each key in there."""
    if isinstance(form, dict | list):
        for key in list(form) if isinstance(form, dict) else range(len(form)):
            yield form, key
            yield from _places(form[key])


if __name__ == "__main__":
    main()
