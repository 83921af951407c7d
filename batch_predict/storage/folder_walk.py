"""in_dir -> the picture files in it, in the order of the CSV."""

import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto
from typing import Final

from batch_predict.errors import InputError
from batch_predict.records import ImageRef
from batch_predict.storage.exclusion import Exclusion, system_category
from batch_predict.storage.left_out import LeftOut
from batch_predict.storage.listing import Listing
from batch_predict.storage.overlooked import START, Overlooked
from batch_predict.storage.picture_names import hidden_category, name_category
from batch_predict.storage.selection import Selection
from batch_predict.storage.system_names import IS_UTF8, from_system, to_system
from batch_predict.tables.csv_paths import escape, from_csv, to_csv

_HOLD: Final = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY  # O_PATH: Linux; reads nothing
_NO_HANDLE: Final = -1
#: the usual ends of names, all of one length: such a picture is told without looking further
_USUAL_ENDINGS: Final = frozenset({".png", ".PNG", ".jpg", ".JPG"})


class FolderWalk(Listing):
    """See `Listing`: what `selection` takes of the files below `in_dir`, in the order of the CSV.

    A folder that can't be listed comes as a ref whose path ends in `/`, and so does what can't be
    reached and may be one; what has a picture's name comes as a picture. Linked folders are walked
    once: not those inside `in_dir`, which are walked where they are, so that loops end. A folder
    that is excluded is not entered. Archives come as pictures do.

    Raises:
        InputError: `in_dir` is missing, no folder, or can't be listed.
    """

    def __init__(self, in_dir: str, selection: Selection) -> None:
        super().__init__(in_dir, Overlooked(_start), is_local=True)
        self._outputs = frozenset(map(os.path.realpath, selection.outputs))
        self._output_names = frozenset(map(os.path.basename, self._outputs))
        self._all_files = selection.all_files
        self._archives = selection.archives
        self._follow_links = selection.follow_links
        self._exclusion = Exclusion(selection.exclude) or None
        self._linked: set[str] = set()  # real paths of the folders walked through links
        try:
            self._real_top = os.path.realpath(in_dir)  # raises where the current folder is gone
            # While it is open, no other folder gets its number, and no other mount its device's.
            top = os.open(in_dir, _HOLD)
            weakref.finalize(self, os.close, top)
            self._identity = _identity(top)
            os.scandir(in_dir).close()
        except OSError as error:
            raise self._not_listed(error) from error

    def __iter__(self) -> Iterator[ImageRef]:
        """Refs without truth, sorted by `path`, code point by code point; see `Listing`."""
        self._linked.clear()
        try:
            unfinished = [("", iter(self._inside("")))]
        except OSError as error:
            raise self._not_listed(error) from error
        stat, new = os.stat, tuple.__new__  # as `ImageRef._make`, which has a frame of its own
        while unfinished:
            folder, names = unfinished[-1]
            with _held(self._real(folder)) as handle:
                for name in names:
                    if name[-1] == "/":
                        break
                    # As a rule it is named as it is written, and a call would only cost time.
                    is_plain = "\\" not in name and IS_UTF8
                    try:
                        # In the open folder, which the system need not find for each file
                        found = stat(name if is_plain else _system_name(name), dir_fd=handle)
                    except OSError:  # it went away meanwhile; reading it will say so
                        yield ImageRef(folder + name)
                    else:
                        size = found.st_size
                        version = f"{size} {found.st_mtime_ns}"  # `version_of(found)`
                        yield new(ImageRef, (folder + name, size, version, None, None, None, None))
                else:
                    unfinished.pop()
                    continue
            path = folder + name
            category = self._folder_category(self._real(path))
            if category is not None:
                self.skipped[category] += 1
                continue
            try:
                unfinished.append((path, iter(self._inside(path))))
            except OSError:
                yield ImageRef(path)

    def check_present(self) -> None:
        """Raises InputError where `in_dir` went away or is another folder now: a lost mount."""
        try:
            identity = _identity(self.in_dir)
        except OSError as error:
            raise InputError(f"{self.in_dir} went away: {error.strerror}") from error
        if identity != self._identity:
            raise InputError(f"{self.in_dir} went away: another folder is in its place")

    def _not_listed(self, error: OSError) -> InputError:
        return InputError(f"can't list {self.in_dir}: {error.strerror}")

    def _inside(self, folder: str) -> list[str]:
        """The names of pictures and folders in `folder`, in order; counts what is skipped.

        A folder is written `name/`, and sorts so: before what is in it. Only its name is kept of
        an entry: there may be a million.
        """
        written = escape if folder else to_csv
        names = []
        own = self._output_names
        usual = _USUAL_ENDINGS if self._exclusion is None else ()
        with os.scandir(self._real(folder)) as entries:
            for entry in entries:
                name = entry.name
                # Most entries: a call for each would cost as much as listing it.
                if (
                    name[-4:] in usual
                    and name[0].isalnum()
                    and name.isascii()
                    and "\\" not in name
                    and name not in own
                    and entry.is_file(follow_symlinks=False)
                ):
                    names.append(name)
                    continue
                kind = _kind(entry)
                is_folder = kind is _Kind.FOLDER or self._may_be_folder(entry, kind)
                category = self._category(entry, folder, kind, is_folder)
                if category is None:
                    name = written(from_system(entry.name))
                    names.append(name + "/" if is_folder else name)
                else:
                    self.skipped[category] += 1
        names.sort()
        return names

    def _real(self, path: str) -> str:
        """What `path`, as the CSV writes it, is for the system."""
        return f"{self.in_dir}/{_system_name(path.removesuffix('/'))}"

    def _category(
        self, entry: os.DirEntry[str], folder: str, kind: "_Kind", is_folder: bool
    ) -> LeftOut | None:
        """The first category that `entry` of `folder` is skipped for; else None."""
        name = entry.name
        hidden = hidden_category(name)
        if hidden is not None:
            return hidden
        if name in self._output_names and os.path.realpath(entry.path) in self._outputs:
            return LeftOut.OWN_OUTPUT
        if self._exclusion is not None and self._exclusion.matches(
            from_csv(folder) + from_system(name), is_folder=is_folder
        ):
            return LeftOut.EXCLUDED
        if is_folder:
            linked = not self._follow_links and entry.is_symlink()
            return system_category(name, is_folder=True) or (
                LeftOut.LINKED_FOLDER if linked else None
            )
        category = name_category(name, self._all_files)
        if category == LeftOut.ARCHIVE and self._archives:
            category = None
        if kind is _Kind.FILE:
            if category == LeftOut.OTHER_FILE:
                category = self.overlooked.category(folder + escape(from_system(name)), entry.path)
            return category
        return LeftOut.SPECIAL_OR_BROKEN if kind is _Kind.SPECIAL or category is not None else None

    def _may_be_folder(self, entry: os.DirEntry[str], kind: "_Kind") -> bool:
        """Whether `entry` is out of reach, and may be a folder that would be walked."""
        if kind is not _Kind.UNREACHED:
            return False
        is_walked = self._follow_links or not entry.is_symlink()
        return is_walked and name_category(entry.name, all_files=False) is not None

    def _folder_category(self, folder: str) -> LeftOut | None:
        """The category of a folder that was walked, or will be, by another path; else None."""
        if not self._follow_links:
            return None
        real = os.path.realpath(folder)
        relative = os.path.relpath(folder, self.in_dir)
        if real == os.path.join(self._real_top, relative):
            return None  # no link on the way
        inside = os.path.commonpath((self._real_top, real)) == self._real_top
        if (inside and os.path.isdir(real)) or real in self._linked:
            return LeftOut.MET_ELSEWHERE
        self._linked.add(real)
        return None


class _Kind(Enum):
    """What an entry of a folder is, or what its link leads to."""

    FOLDER = auto()
    FILE = auto()
    SPECIAL = auto()  # a pipe, a socket, a device
    UNREACHED = auto()  # not to be told: the system gives an error, or a link leads nowhere


def _kind(entry: os.DirEntry[str]) -> _Kind:
    try:
        if entry.is_dir():
            return _Kind.FOLDER
        if entry.is_file():
            return _Kind.FILE
        if entry.is_symlink():
            os.stat(entry.path)
    except OSError:
        return _Kind.UNREACHED
    return _Kind.SPECIAL


def _identity(folder: str | int) -> tuple[int, int]:
    stat = os.stat(folder)
    return stat.st_dev, stat.st_ino


def _start(file: str) -> bytes:
    """The first bytes of `file`, without waiting where it is a pipe by now; raises OSError."""
    handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
    try:
        return os.read(handle, START)
    finally:
        os.close(handle)


@contextmanager
def _held(folder: str) -> Iterator[int]:
    """A handle of `folder` to find files by, or one of nothing where it can't be opened."""
    try:
        handle = os.open(folder, _HOLD)
    except OSError:
        yield _NO_HANDLE
        return
    try:
        yield handle
    finally:
        os.close(handle)


def _system_name(path: str) -> str:
    """What `path`, as the CSV writes it, is for the system, from in_dir."""
    return to_system(from_csv(path))


def version_of(stat: os.stat_result) -> str:
    """What tells a file from what it was before: another one, another content."""
    return f"{stat.st_size} {stat.st_mtime_ns}"
