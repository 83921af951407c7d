"""An S3 Inventory: what a bucket held on the day that its `manifest.json` tells of.

See docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html.
"""

import csv
import gzip
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from hashlib import file_digest, md5, sha256
from typing import Any, Final, NamedTuple
from urllib.parse import unquote_plus

from batch_predict.storage.file_list import FileList
from batch_predict.storage.registry import fetched

#: where files lie beside a manifest that was copied, as AWS or `aws s3 sync` lays them out
_PLACES: Final = ("", "data", "../data")


class Object(NamedTuple):
    """An object of the bucket, as it was then."""

    key: str  # relative to in_dir
    size: int | None  # bytes; None where `version` is not known: nothing is compared
    version: str | None  # see `bucket_walk.version_of`


class _Part(NamedTuple):
    key: str  # in the destination's bucket
    md5: str


class Inventory:
    """The inventory whose manifest is `files`, of the bucket that holds `in_dir`.

    Raises:
        UsageError: it is of another bucket or form, is damaged, or can't be read.
    """

    def __init__(self, files: FileList, in_dir: str) -> None:
        self._files = files
        with files.opened() as file:
            text = file.read()
        self.sha256 = sha256(text).hexdigest()
        try:
            manifest: Any = json.loads(text)
            form = manifest["fileFormat"]
            columns = {name.strip(): n for n, name in enumerate(manifest["fileSchema"].split(","))}
            parts = [_Part(each["key"], each["MD5checksum"].lower()) for each in manifest["files"]]
            destination = manifest["destinationBucket"].rpartition(":")[2]
            source = manifest["sourceBucket"].rpartition(":")[2]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            words = "no manifest of an S3 Inventory, which a .json file must be"
            raise files.error(words) from error
        if form != "CSV":
            raise files.error(f"an inventory in {form}; only one in CSV is read")
        if not {"Bucket", "Key"} <= columns.keys():
            raise files.error("its fileSchema has no Bucket or no Key")
        scheme, _, rest = in_dir.partition("://")
        bucket, _, folder = rest.strip("/").partition("/")
        if (scheme, bucket) != ("s3", source):
            raise files.error(f"the inventory of s3://{source}, and in_dir is {in_dir}")
        self._columns = columns
        self._parts = parts
        self._destination = f"s3://{destination}"
        self._prefix = f"{folder}/" if folder else ""

    def objects(self) -> Iterator[Object]:
        """The objects below in_dir, the last version of each.

        Each file of the inventory is fetched, checked by its MD5, and read row by row.

        Raises:
            UsageError: a file is damaged, or can't be read.
        """
        for part in self._parts:
            with self._files.as_usage_error(), self._fetched(part) as path:
                if path is None:
                    raise self._files.error(f"its file {part.key} is not there")
                with open(path, "rb") as file:
                    found = file_digest(file, lambda: md5(usedforsecurity=False)).hexdigest()
                if found != part.md5:
                    raise self._files.error(f"its file {part.key} has another MD5 than it says")
                for row in self._rows(path, part):
                    found_object = _object(row, self._columns, self._prefix)
                    if found_object is not None:
                        yield found_object

    def _fetched(self, part: _Part) -> AbstractContextManager[str | None]:
        """In the block, a path where `part` can be read: beside a manifest on disk, or fetched."""
        name = part.key.rpartition("/")[2]
        if "://" not in self._files.name:
            folder = os.path.dirname(self._files.name)
            copies = (os.path.join(folder, place, name) for place in _PLACES)
            copy = next(filter(os.path.isfile, copies), None)
            if copy is not None:
                return nullcontext(copy)
        return fetched(f"{self._destination}/{part.key}")

    def _rows(self, path: str, part: _Part) -> Iterator[list[str]]:
        number, width = 0, len(self._columns)
        try:
            with gzip.open(path, "rt", encoding="utf-8", newline="") as rows:
                for number, row in enumerate(csv.reader(rows, strict=True), 1):
                    if len(row) != width:
                        words = f"row {number} has {len(row)} fields, not {width}"
                        raise self._files.error(f"its file {part.key}: {words}")
                    yield row
        except (csv.Error, UnicodeDecodeError) as error:
            raise self._files.error(f"its file {part.key}: no CSV after row {number}") from error


def _object(row: Sequence[str], columns: Mapping[str, int], prefix: str) -> Object | None:
    """The object of `row`; None for one that lies elsewhere, was replaced or is deleted."""

    def field(name: str) -> str:
        return row[columns[name]] if name in columns else ""

    if field("IsLatest") == "false" or field("IsDeleteMarker") == "true":
        return None
    key = unquote_plus(field("Key"), errors="surrogateescape")
    if not key.startswith(prefix):
        return None
    key = key[len(prefix) :]
    size, tag, time = field("Size"), field("ETag"), field("LastModifiedDate")
    if not (size.isdecimal() and (tag or time)):
        return Object(key, None, None)
    # Without a tag, a time, which is of the next inventory, too, and never compared with a store's.
    return Object(key, int(size), tag.strip('"') or f"{size} {time}")
