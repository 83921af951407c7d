"""Which files and folders a walk leaves out because the user or a system's name says so."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Final

from batch_predict.storage.left_out import LeftOut

#: folders that hold no pictures of the user's, in small letters; a leading dot hides others already
SYSTEM_FOLDERS: Final = frozenset(
    {
        "@eadir",  # Synology: thumbnails
        *("#recycle", "#snapshot", "@tmp", "@sharebin", "@recycle.bin"),  # Synology
        *("@appstore", "@appdata", "@appconf", "@apphome", "@apptemp"),  # Synology: packages
        *("@database", "@docker"),  # Synology
        *("@recycle", "@recently-snapshot", "@transcode"),  # QNAP
        *("$recycle.bin", "recycler", "recycled", "system volume information"),  # Windows
        *("$windows.~bt", "$windows.~ws", "$extend"),  # Windows
        *("__macosx", "network trash folder", "temporary items"),  # macOS
        *("thevolumesettingsfolder", "desktop db", "desktop df"),  # macOS
        "lost+found",  # ext4: what its check has found
        "~snapshot",  # NetApp
        *("__pycache__", "auto-save-list"),  # editors and what they run
    }
)
#: files that systems and editors leave beside pictures, in small letters
SYSTEM_FILES: Final = frozenset(
    {
        *("thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini"),  # Windows
        "icon\r",  # macOS: a folder's icon
        "synoindex.db",  # Synology
    }
)
_SYSTEM_FILE_STARTS: Final = ("~$", "#")  # an editor's lock; Emacs's `#name#`, saved by itself
_FOUND_BY_CHECK: Final = "found.[0-9][0-9][0-9]"  # Windows: as lost+found


def system_category(name: str, *, is_folder: bool) -> LeftOut | None:
    """The category of a file or folder whose `name` is a system's or an editor's; else None."""
    lower = name.lower()
    if is_folder:
        known = lower in SYSTEM_FOLDERS or fnmatchcase(lower, _FOUND_BY_CHECK)
        return LeftOut.SYSTEM_FOLDER if known else None
    lock, saved = _SYSTEM_FILE_STARTS
    known = lower in SYSTEM_FILES or name.startswith(lock)
    known = known or (name.startswith(saved) and name.endswith(saved) and len(name) > 1)
    return LeftOut.SYSTEM_FILE if known else None


class Exclusion:
    """What `globs` match: case counts, `*` and `?` match no `/`, `**` any number of folders.

    A glob without `/` is for the name of each file and folder; one with it for the whole path from
    in_dir. One that ends in `/` is for folders alone.
    """

    def __init__(self, globs: Iterable[str]) -> None:
        self._names: list[tuple[str, bool]] = []
        self._paths: list[tuple[list[str], bool]] = []
        for glob in globs:
            folders_only = glob.endswith("/")
            parts = [part for part in glob.split("/") if part not in ("", ".")]
            if "/" in glob:
                self._paths.append((parts, folders_only))
            else:
                self._names.append((glob, folders_only))

    def __bool__(self) -> bool:
        return bool(self._names or self._paths)

    def matches(self, path: str, *, is_folder: bool) -> bool:
        """Whether a glob matches the file or folder at `path`: names, with `/` between them."""
        parts = path.split("/")
        return any(
            fnmatchcase(parts[-1], glob) and (is_folder or not folders_only)
            for glob, folders_only in self._names
        ) or any(
            _match(glob, parts) and (is_folder or not folders_only)
            for glob, folders_only in self._paths
        )


def _match(glob: Sequence[str], parts: Sequence[str]) -> bool:
    if not glob:
        return not parts
    if glob[0] == "**":
        return any(_match(glob[1:], parts[start:]) for start in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], glob[0]) and _match(glob[1:], parts[1:])
