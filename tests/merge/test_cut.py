"""Shards each of which lists its own share alone, joined."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from copy import copy
from pathlib import Path
from typing import Any

import pytest

from batch_predict import job
from batch_predict.errors import ExitCode, UsageError
from batch_predict.merge.join_parts import merge
from batch_predict.options import Options
from batch_predict.records import ImageRef
from batch_predict.shard import Shard
from batch_predict.storage.cut import Cut
from batch_predict.storage.folder_walk import FolderWalk
from batch_predict.tables.csv_paths import top_folder
from tests.conftest import noise
from tests.support.here import OneByOne

MakeOptions = Callable[..., Options]


class Share(FolderWalk):
    """Of a folder, as of a bucket: what falls to the shard by the folders at the top."""

    shard: Shard

    def __iter__(self) -> Iterator[ImageRef]:
        return (ref for ref in super().__iter__() if self.shard.holds(top_folder(ref.path)))


@pytest.fixture
def parts(
    tmp_path: Path, options: MakeOptions, engine: OneByOne, monkeypatch: pytest.MonkeyPatch
) -> list[Path]:
    """Of one run, of which one has truth, with a file that is left out; and the whole."""

    def share(walk: FolderWalk, shard: Shard) -> Share:
        part = copy(walk)
        part.__class__ = Share
        assert isinstance(part, Share)
        part.shard, part.cut, part.skipped = shard, Cut("prefixes"), Counter()
        return part

    monkeypatch.setattr(FolderWalk, "share", share)
    for folder in ("7", "other"):
        for n in range(3):
            path = tmp_path / "in" / folder / f"{n}.pgm"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"P5 28 28 255\n" + noise(n + len(folder)).tobytes())
    csvs = [tmp_path / f"{n}.csv" for n in range(2)]
    for n, csv in enumerate(csvs):
        job.run(options(engine="here", output=str(csv), shard=f"{n}/2", quiet=True))
    job.run(options(engine="here", output=str(tmp_path / "whole.csv"), quiet=True))
    return csvs


def told(csv: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(csv.with_suffix(".run.json").read_text())
    return manifest


def tell(csv: Path, **changes: object) -> None:
    csv.with_suffix(".run.json").write_text(json.dumps(told(csv) | changes))


def join(parts: list[Path]) -> ExitCode:
    return merge([str(csv) for csv in parts], str(parts[0].parent / "out.csv"))


def test_parts_with_and_without_truth_are_the_whole(
    parts: list[Path], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert sorted(csv.read_text().splitlines()[0].count("truth") for csv in parts) == [0, 1]
    assert join(parts) == ExitCode.OK
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    said = "each part listed its own share alone, by prefixes: whether all parts are of the same"
    assert [message.startswith(said) for message in caplog.messages] == [True]
    names = (
        "found",
        "walked",
        "counts",
        "left_out",
        "truth_source",
        "truth_findings",
        "with_truth",
    )
    whole, joined = told(tmp_path / "whole.csv"), told(tmp_path / "out.csv")
    assert {name: joined[name] for name in names} == {name: whole[name] for name in names}
    assert joined["cut"] == {"by": "prefixes", "sha256": None}
    assert (tmp_path / "out.report.html").exists()


def test_a_part_says_what_it_listed(parts: list[Path]) -> None:
    manifests = [told(csv) for csv in parts]
    assert [each["walked"] for each in manifests] == [3, 3]
    assert len({each["walk_sha256"] for each in manifests}) == 2


@pytest.mark.parametrize(
    "cut",
    [
        pytest.param({"by": "inventory", "sha256": "0"}, id="by another rule"),
        pytest.param({"by": "prefixes", "sha256": "0"}, id="of another list"),
    ],
)
def test_parts_of_another_cut_are_refused(parts: list[Path], cut: dict[str, str]) -> None:
    tell(parts[1], cut=cut)
    with pytest.raises(UsageError, match=r"1\.csv is of another run: another cut into shards"):
        join(parts)


def test_one_part_that_listed_all_is_refused(parts: list[Path]) -> None:
    manifest = told(parts[1])
    del manifest["cut"]
    parts[1].with_suffix(".run.json").write_text(json.dumps(manifest))
    with pytest.raises(UsageError, match=r"1\.csv is of another run: another .*cut into shards"):
        join(parts)


def test_a_path_of_two_parts_is_refused(parts: list[Path]) -> None:
    parts[1].write_bytes(parts[0].read_bytes())
    tell(parts[1], csv_sha256=told(parts[0])["csv_sha256"])
    with pytest.raises(UsageError, match=r"two parts hold (7|other)/0\.pgm: run both again"):
        join(parts)
    assert not (parts[0].parent / "out.csv").exists()


def test_a_shard_may_hold_nothing(parts: list[Path], options: MakeOptions, tmp_path: Path) -> None:
    for folder in ("7", "other"):
        for path in (tmp_path / "in" / folder).iterdir():
            path.unlink()
    (tmp_path / "in" / "a.pgm").write_bytes(b"P5 28 28 255\n" + noise(0).tobytes())
    codes = [
        job.run(options(engine="here", output=str(csv), shard=f"{n}/2", quiet=True, overwrite=True))
        for n, csv in enumerate(parts)
    ]
    assert codes == [ExitCode.OK, ExitCode.OK]
    assert sorted(csv.read_text().count("\n") for csv in parts) == [1, 2]
