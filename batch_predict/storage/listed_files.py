"""Pictures that a list names, or an inventory: nothing is walked."""

import os
import posixpath
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from batch_predict.shard import Shard
from batch_predict.storage.cut import Cut
from batch_predict.storage.exclusion import Exclusion
from batch_predict.storage.file_list import FileList
from batch_predict.storage.given_listing import GivenListing
from batch_predict.storage.key_names import is_excluded
from batch_predict.storage.left_out import LeftOut
from batch_predict.storage.listing import Listing
from batch_predict.storage.s3_inventory import Inventory
from batch_predict.storage.selection import Selection
from batch_predict.storage.system_names import from_system, to_system
from batch_predict.tables.csv_paths import to_csv

if TYPE_CHECKING:  # NumPy: not before the command line is right
    from batch_predict.records import ImageRef
    from batch_predict.storage.bucket_walk import BucketWalk  # obstore: where it is needed

_NO_PARTS: Final = frozenset(("", ".", ".."))


def in_folder(
    files: FileList,
    base: Listing,
    selection: Selection,
    found: "Callable[[str], ImageRef | None]",
) -> Listing:
    """The files of a folder, which `base` walks; `found` gives one that is there, by its path.

    What is named is taken, whatever its name and kind, but for outputs and what is excluded.

    Raises:
        UsageError: `files` is an inventory.
    """
    from batch_predict.records import ImageRef

    if files.is_manifest:
        words = "a .json file is the manifest of an S3 Inventory, whose in_dir is the bucket"
        raise files.error(f"{words}, not {base.in_dir}")
    own = frozenset(map(os.path.realpath, selection.outputs))
    own_names = frozenset(map(os.path.basename, own))
    relative = _relative_to(base.in_dir)

    def is_own(name: str) -> bool:
        if posixpath.basename(name) not in own_names:
            return False
        return os.path.realpath(os.path.join(base.in_dir, to_system(name))) in own

    def ref_of(name: str) -> ImageRef:
        path = to_csv(name)
        return found(path) or ImageRef(path)  # reading what is not there will say so

    return _listing(files, base, selection, relative, is_own, ref_of)


def in_bucket(files: FileList, base: Listing, selection: Selection) -> Listing:
    """The objects of a bucket, which `base` walks. None is asked for: a request takes too long.

    As `in_folder`; size and version are not known before an object is read.
    """
    from batch_predict.records import Code, ImageRef, Reason

    address = f"{base.in_dir.rstrip('/')}/"
    scheme = address.partition("://")[0]
    no_key = Reason(
        Code.UNREADABLE, "a key with an empty part, a part '.' or '..' can't be asked for"
    )

    def relative(name: str) -> str:
        if name.startswith(f"{scheme}://") and not name.startswith(address):
            raise ValueError(f"{name} does not lie in {base.in_dir}")
        return name.removeprefix(address).removeprefix("./")

    def ref_of(name: str) -> ImageRef:
        is_key = _NO_PARTS.isdisjoint(name.split("/"))
        return ImageRef(to_csv(name), fault=None if is_key else no_key)

    def is_own(key: str) -> bool:
        return f"{address}{key}" in selection.outputs

    return _listing(files, base, selection, relative, is_own, ref_of)


def in_inventory(files: FileList, base: "BucketWalk") -> Listing:
    """The objects of a bucket, which `base` walks, as an S3 Inventory has them.

    What is no picture is left out, as a walk does it.

    A shard is cut by the hash of the manifest, which has those of all its files.

    Raises:
        UsageError: see `Inventory`.
    """
    return _of_inventory(Inventory(files, base.in_dir), base, None)


def _of_inventory(inventory: Inventory, base: "BucketWalk", shard: Shard | None) -> GivenListing:
    from batch_predict.records import ImageRef

    def listed(listing: Listing) -> Iterator[ImageRef]:
        for found in inventory.objects():
            path = to_csv(found.key)
            if shard is not None and not shard.holds(path):
                continue
            marks_folder = found.key.endswith("/")
            category = LeftOut.FOLDER_MARKER if marks_folder else base.category(found.key)
            if category is None:
                yield ImageRef(path, found.size, found.version)
            else:
                listing.skipped[category] += 1

    if shard is None:
        return GivenListing(base, listed, lambda part: _of_inventory(inventory, base, part))
    listing = GivenListing(base, listed)
    listing.cut = Cut("inventory", inventory.sha256)
    return listing


def _listing(
    files: FileList,
    base: Listing,
    selection: Selection,
    relative: Callable[[str], str],
    is_own: Callable[[str], bool],
    ref_of: "Callable[[str], ImageRef]",
) -> Listing:
    """What `files` names; `relative` raises ValueError for what lies elsewhere."""
    exclusion = Exclusion(selection.exclude)

    def listed(listing: Listing) -> "Iterator[ImageRef]":
        for number, name in files.entries():
            try:
                inside = relative(name)
            except ValueError as error:
                raise files.error(str(error), number) from error
            if is_own(inside):
                listing.skipped[LeftOut.OWN_OUTPUT] += 1
            elif exclusion and is_excluded(inside.split("/"), exclusion):
                listing.skipped[LeftOut.EXCLUDED] += 1
            else:
                yield ref_of(inside)

    listing = GivenListing(base, listed)
    listing.is_part = True
    return listing


def _relative_to(in_dir: str) -> Callable[[str], str]:
    """What makes a path relative to `in_dir`; it raises ValueError where that lies elsewhere."""
    tops = {from_system(top(in_dir)).rstrip("/") for top in (os.path.abspath, os.path.realpath)}

    def relative(name: str) -> str:
        path = posixpath.normpath(name)
        if path.startswith("/"):
            path = f"/{path.lstrip('/')}"  # POSIX leaves two at the beginning as they are
            top = next((top for top in tops if path.startswith(f"{top}/")), None)
            if top is None:
                raise ValueError(f"{name} does not lie in {in_dir}")
            return path[len(top) + 1 :]
        if path == ".." or path.startswith("../"):
            raise ValueError(f"{name} leads out of {in_dir}")
        return path

    return relative
