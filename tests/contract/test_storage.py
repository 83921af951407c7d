"""All of storage: files of a folder, members of an archive and of one in a folder, read alike."""

import multiprocessing
import os
import signal
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple
from unittest.mock import ANY

import numpy as np
import pytest
from numpy.typing import NDArray

from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.prepare import Prepare
from batch_predict.records import ImageRef
from batch_predict.storage import ChangedError, Source, open_input
from batch_predict.storage.archives.kinds import KINDS
from batch_predict.storage.selection import Selection
from batch_predict.tables.csv_paths import from_csv, to_csv
from tests.conftest import noise
from tests.s3.server import environment, serving
from tests.support import cheap
from tests.support.containers import CONTAINERS, HEADER, PICTURES, put

#: what is left out where there are names to tell, and what it is counted as
OTHERS = {
    ".hidden.pgm": "hidden",
    "__MACOSX/1.pgm": "system folder",
    "notes.txt": "other file",
    "thumbs/1.pgm": "excluded",
}
EXCLUDED = "thumbs"
COUNT = 100  # pictures of a run that is killed
NESTED, NO_MEMBER = "inner.zip", b"PK\5\6" + bytes(18)
FORMS = ["folder", *KINDS, *(f"{kind} in a folder" for kind in KINDS)]
IN_BUCKET = [pytest.param(f"{form} in a bucket", marks=pytest.mark.s3) for form in FORMS]


class Stored(NamedTuple):
    """The pictures in one form."""

    in_dir: str
    file: Path  # one that is read: the archive, or a picture
    archives: bool
    prefix: str  # of the paths
    has_names: bool

    @property
    def source(self) -> Source:
        return open_input(self.in_dir, archives=self.archives)

    def walk(self, *exclude: str) -> tuple[list[ImageRef], dict[str, int]]:
        """The refs by path, and what was left out."""
        exclude = (EXCLUDED, f"{self.prefix}{EXCLUDED}", *exclude)
        listing = self.source.walk(Selection(exclude=tuple(exclude)))
        return sorted(listing, key=lambda ref: ref.path), listing.skipped

    def paths(self, names: Iterable[str]) -> list[str]:
        """As the pictures of these names are listed."""
        numbers = {name: f"{number:06d}" for number, name in enumerate(PICTURES)}
        return [to_csv(self.prefix + (name if self.has_names else numbers[name])) for name in names]


def stored(folder: Path, form: str) -> Stored:
    """The pictures in `folder`, or in an archive there."""
    others = {**dict.fromkeys(OTHERS, b"words"), NESTED: NO_MEMBER}
    if form == "folder":
        put(folder, {**PICTURES, **others})
        return Stored(str(folder), folder / "1.pgm", False, "", True)
    kind = form.removesuffix(" in a folder")
    container = CONTAINERS[kind]
    file = folder / "sub" / container.name
    has_names = container.has_names
    put(file.parent, {file.name: container.make(PICTURES | others if has_names else PICTURES)})
    if kind == form:
        return Stored(str(file), file, False, "", has_names)
    return Stored(str(folder), file, True, f"sub/{file.name}/", has_names)


@pytest.fixture(scope="module")
def buckets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    """A folder whose folders are served as buckets, and the port."""
    root = tmp_path_factory.mktemp("s3")
    with serving(root) as port:
        yield root, port


@pytest.fixture(params=[*FORMS, *IN_BUCKET])
def these(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Stored:
    """The pictures in each form."""
    form: str = request.param
    if not form.endswith(" in a bucket"):
        return stored(tmp_path / "in", form)
    root, port = request.getfixturevalue("buckets")
    for name, value in environment(port).items():
        monkeypatch.setenv(name, value)
    bucket = root / f"b{len(os.listdir(root))}"
    found = stored(bucket / "in", form.removesuffix(" in a bucket"))
    return found._replace(in_dir=f"s3://{Path(found.in_dir).relative_to(root)}")


def lying_in(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file below, with size and time."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in files}


def test_pictures_are_found_and_read(these: Stored) -> None:
    before = lying_in(these.file.parent)
    refs, _ = these.walk()
    assert [ref.path for ref in refs] == these.paths(PICTURES)
    assert {ref.fault for ref in refs} == {None}
    assert list(these.source.read_each(refs)) == list(PICTURES.values())
    assert list(these.source.read_each(refs[::-1])) == list(PICTURES.values())[::-1]
    assert lying_in(these.file.parent) == before


def test_a_path_is_enough(these: Stored) -> None:
    refs = [ImageRef(path) for path in these.paths(PICTURES)]
    assert list(these.source.read_each(refs)) == list(PICTURES.values())
    assert these.source.read(refs[1]) == PICTURES["3/a b.pgm"]
    file = these.source.open(from_csv(refs[1].path))
    assert file is not None
    with file:
        assert file.read() == PICTURES["3/a b.pgm"]


def test_what_is_not_there_is_missing(these: Stored) -> None:
    absent = ImageRef(f"{these.prefix}absent.pgm")
    with pytest.raises(FileNotFoundError):
        these.source.read(absent)
    (path,) = these.paths(["1.pgm"])
    missing, there = these.source.read_each([absent, ImageRef(path)])
    assert isinstance(missing, FileNotFoundError)
    assert there == PICTURES["1.pgm"]
    assert these.source.open(from_csv(absent.path)) is None


def test_a_change_is_noticed(these: Stored) -> None:
    refs, _ = these.walk()
    these.file.write_bytes(these.file.read_bytes() + b"more")
    (read,) = these.source.read_each(refs[:1])
    assert isinstance(read, ChangedError)
    with pytest.raises(ChangedError):
        these.source.read(refs[0])


def test_what_is_no_picture_is_counted(these: Stored) -> None:
    _, skipped = these.walk()
    nested = "archive in an archive" if these.file.name != "1.pgm" else "archive"
    assert skipped == (dict.fromkeys([*OTHERS.values(), nested], 1) if these.has_names else {})


def test_one_is_excluded(these: Stored) -> None:
    (path,) = these.paths(["3/c.pgm"])
    refs, skipped = these.walk(path)
    assert path not in {ref.path for ref in refs}
    assert len(refs) == len(PICTURES) - 1
    assert skipped["excluded"] == 1 + these.has_names


def pixels_of(where: dict[str, str], prepare: Prepare, refs: list[ImageRef]) -> list[object]:
    """In a process with the environment `where`."""
    os.environ.update(where)
    pictures = [prepare.picture(ref) for ref in refs]
    return [None if picture is None else picture.pixels for picture in pictures]


@pytest.fixture(scope="module")
def new_process() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        yield pool


def test_a_new_process_reads_what_was_listed(
    these: Stored, new_process: ProcessPoolExecutor
) -> None:
    refs, _ = these.walk()
    prepare = Prepare(these.in_dir, 10**6, Preprocess.AUTO, Polarity.AUTO, archives=these.archives)
    there = new_process.submit(pixels_of, dict(os.environ), prepare, refs).result(60)
    wanted: list[NDArray[np.uint8]] = [noise(seed) for seed in range(len(PICTURES))]
    np.testing.assert_array_equal(there, wanted)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_run_goes_on(tmp_path: Path, kind: str) -> None:
    """And writes what an undisturbed one does."""
    names = (f"{number % 7}x/{number:03d}.pgm" for number in range(COUNT))
    files = {name: HEADER + noise(seed).tobytes() for seed, name in enumerate(names)}
    put(tmp_path, {"in": CONTAINERS[kind].make(files)})
    assert cheap.finish(cheap.start(tmp_path, output="whole.csv"))[0] == 0
    killed = cheap.start(tmp_path, DIE="add:4", COMMIT_EVERY_S="0")
    assert cheap.finish(killed)[0] == -signal.SIGKILL
    assert cheap.committed(tmp_path / ".out.csv.work") > 0
    assert cheap.finish(cheap.start(tmp_path)) == (0, ANY, "")
    assert (tmp_path / "out.csv").read_text() == (tmp_path / "whole.csv").read_text()
    assert len((tmp_path / "out.csv").read_text().splitlines()) == COUNT + 1
