"""Sets of pictures kept on disk: rendering them takes longer than scoring them."""

from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

from tests.bench.sample import Sample

NO_DIGIT = "none"  # in place of the digit in a name


def cached(
    folder: Path | None, name: str, count: int, make: Callable[[int], list[Sample]]
) -> list[Sample]:
    """`make(count)`, the set `name`, from `folder` if it is there; `folder` None keeps nothing.

    A set is one archive, whose members are named for their number and their digit. It is put in
    place whole, so that one who stops in the middle finds no part of it.
    """
    if folder is None:
        return make(count)
    file = _file(folder, name, count)
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        with ZipFile(part, "w") as archive:
            for number, sample in enumerate(make(count)):
                label = NO_DIGIT if sample.label is None else str(sample.label)
                archive.writestr(f"{number:05d}-{label}", sample.data)
        part.replace(file)
    return _read(file)


def kept(folder: Path, name: str, count: int) -> list[Sample]:
    """Up to `count` of the set `name`, evenly chosen, of the archive in `folder` that has enough or
    the most; nothing where there is none."""
    found = (path.stem.rpartition("-")[2] for path in folder.glob(_file(folder, name, "*").name))
    counts = sorted(int(number) for number in found if number.isdigit())
    if not counts:
        return []
    enough = next((number for number in counts if number >= count), counts[-1])
    samples = _read(_file(folder, name, enough))
    return samples[:: max(1, len(samples) // count)][:count]


def _file(folder: Path, name: str, count: int | str) -> Path:
    return folder / f"{name.replace(':', '').replace(' ', '_').replace('/', '_')}-{count}.zip"


def _read(file: Path) -> list[Sample]:
    with ZipFile(file) as archive:
        return [Sample(archive.read(entry), _label(entry)) for entry in archive.namelist()]


def _label(entry: str) -> int | None:
    label = entry.partition("-")[2]
    return None if label == NO_DIGIT else int(label)
