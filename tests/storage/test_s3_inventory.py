"""S3 inventories, as AWS lays them out, copied to the disk."""

import gzip
import json
from hashlib import md5
from pathlib import Path

import pytest

from batch_predict.errors import UsageError
from batch_predict.storage.file_list import FileList
from batch_predict.storage.s3_inventory import Inventory, Object

SCHEMA = "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag"
ROW = '"in","{}","{}","{}","{}","10","2026-11-27T00:00:00.000Z","abc"'


def inventory(
    folder: Path, *files: str, schema: str = SCHEMA, place: str = "data", **changes: object
) -> FileList:
    """One whose files hold `files`, rows of CSV; in its manifest are `changes`."""
    parts = []
    for number, text in enumerate(files):
        path = folder / place / f"{number}.csv.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(text.encode()))
        digest = md5(path.read_bytes(), usedforsecurity=False).hexdigest()
        parts.append({"key": f"inv/in/daily/data/{number}.csv.gz", "MD5checksum": digest})
    manifest = {
        "sourceBucket": "in",
        "destinationBucket": "arn:aws:s3:::inventories",
        "fileFormat": "CSV",
        "fileSchema": schema,
        "files": parts,
        **changes,
    }
    path = folder / "2026-11-27T01-00Z" / "manifest.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(manifest))
    return FileList(str(path))


def row(key: str, version: str = "v1", *, latest: bool = True, deleted: bool = False) -> str:
    return ROW.format(key, version, str(latest).lower(), str(deleted).lower())


def test_the_last_version_of_each_object_below_in_dir(tmp_path: Path) -> None:
    rows = [
        row("7/a.png"),
        row("7/a.png", "v0", latest=False),
        row("7/gone.png", deleted=True),
        row("7/b%20c+d%2Be%C3%A9%22.png"),
    ]
    given = inventory(tmp_path, "\n".join(rows), row("7/z.png") + "\n" + row("70/a.png"))
    names = ("7/a.png", '7/b c d+eé".png', "7/z.png", "70/a.png")
    assert list(Inventory(given, "s3://in").objects()) == [
        Object(name, 10, "abc") for name in names
    ]


@pytest.mark.parametrize("place", ["2026-11-27T01-00Z", "2026-11-27T01-00Z/data", "data"])
def test_files_lie_beside_a_manifest_that_was_copied(tmp_path: Path, place: str) -> None:
    given = inventory(tmp_path, row("a.png"), place=place)
    assert [each.key for each in Inventory(given, "s3://in/").objects()] == ["a.png"]


@pytest.mark.parametrize(
    ("schema", "fields", "size", "version"),
    [
        pytest.param("Bucket, Key", '"in","a"', None, None, id="no more than keys"),
        pytest.param("Bucket, Key, Size", '"in","a","3"', None, None, id="no version"),
        pytest.param("Bucket, Key, ETag", '"in","a","abc"', None, None, id="no size"),
        pytest.param("Bucket, Key, Size, ETag", '"in","a","3","abc"', 3, "abc", id="tag"),
        pytest.param(
            "Bucket, Key, Size, LastModifiedDate", '"in","a","3","2026"', 3, "3 2026", id="time"
        ),
    ],
)
def test_what_is_known_of_an_object(
    tmp_path: Path, schema: str, fields: str, size: int | None, version: str | None
) -> None:
    given = inventory(tmp_path, fields, schema=schema)
    assert list(Inventory(given, "s3://in").objects()) == [Object("a", size, version)]


@pytest.mark.parametrize(
    ("in_dir", "changes", "words"),
    [
        pytest.param("s3://other", {}, "of s3://in, and in_dir is s3://other", id="bucket"),
        pytest.param("gs://in", {}, "of s3://in, and in_dir is gs://in", id="store"),
        pytest.param(
            "s3://in", {"fileFormat": "Parquet"}, "in Parquet; only one in CSV", id="form"
        ),
        pytest.param("s3://in", {"fileFormat": "ORC"}, "in ORC; only one in CSV", id="ORC"),
        pytest.param("s3://in", {"fileSchema": "Bucket, Size"}, "no Key", id="no keys"),
        pytest.param("s3://in", {"files": "x"}, "no manifest of an S3 Inventory", id="files"),
        pytest.param("s3://in", {"fileSchema": "Bucket, Key"}, "row 1 has 8 fields", id="row"),
    ],
)
def test_what_is_no_inventory_of_in_dir(
    tmp_path: Path, in_dir: str, changes: dict[str, object], words: str
) -> None:
    given = inventory(tmp_path, row("a.png"), **changes)
    with pytest.raises(UsageError, match=rf"--files-from .*manifest\.json: .*{words}"):
        list(Inventory(given, in_dir).objects())


def test_a_file_that_is_not_what_the_manifest_says(tmp_path: Path) -> None:
    given = inventory(tmp_path, row("a.png"))
    (tmp_path / "data" / "0.csv.gz").write_bytes(gzip.compress(row("b.png").encode()))
    with pytest.raises(UsageError, match=r"data/0\.csv\.gz has another MD5 than it says"):
        list(Inventory(given, "s3://in").objects())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"x" * 99, "Not a gzipped file", id="no gzip"),
        pytest.param(gzip.compress(row("a.png").encode())[:-9], "ended before", id="cut"),
        pytest.param(gzip.compress(b'"in","a'), "no CSV after row 0", id="a quote left open"),
        pytest.param(gzip.compress(b'"in","\xe9"'), "no CSV after row 0", id="no UTF-8"),
    ],
)
def test_a_file_that_was_damaged_before_it_was_hashed(
    tmp_path: Path, content: bytes, words: str
) -> None:
    digest = md5(content, usedforsecurity=False).hexdigest()
    part = {"key": "data/x.csv.gz", "MD5checksum": digest}
    given = inventory(tmp_path, files=[part])
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.csv.gz").write_bytes(content)
    with pytest.raises(UsageError, match=words):
        list(Inventory(given, "s3://in").objects())


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "[" * 100_000])
def test_a_json_file_that_is_no_manifest(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"other\.json: no manifest of an S3 Inventory"):
        list(Inventory(FileList(str(path)), "s3://in").objects())
