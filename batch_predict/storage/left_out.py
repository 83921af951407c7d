"""What is found where pictures lie, and is none that is taken."""

from enum import StrEnum


class LeftOut(StrEnum):
    """Each kind of it, by the words for one; `several` are those for more: an adjective stays."""

    several: str

    def __new__(cls, one: str, several: str = "") -> "LeftOut":
        """By default several have an s at the end."""
        member = str.__new__(cls, one)
        member._value_ = one
        member.several = several or f"{one}s"
        return member

    # for its name
    HIDDEN = "hidden", "hidden"
    APPLE_DOUBLE = "AppleDouble", "AppleDouble"
    BACKUP = "backup"
    SYSTEM_FILE = "system file"
    SYSTEM_FOLDER = "system folder"
    OTHER_FILE = "other file"
    # for its name, though its first bytes say more
    PICTURE = "picture by another name", "pictures by another name"
    PDF = "PDF"
    # because the user says so, or does not
    OWN_OUTPUT = "own output"
    EXCLUDED = "excluded", "excluded"
    ARCHIVE = "archive"  # that is not opened
    # for what it is
    LINKED_FOLDER = "linked folder"
    MET_ELSEWHERE = "linked folder met elsewhere", "linked folders met elsewhere"
    SPECIAL_OR_BROKEN = "special file or broken link", "special files or broken links"
    FOLDER_MARKER = "folder marker"  # of a bucket
    IDX_LABELS = "file of IDX labels", "files of IDX labels"
    # of archives
    NO_PICTURES = "table without pictures", "tables without pictures"
    LINK = "link"
    SPECIAL = "special file"
    NESTED = "archive in an archive", "archives in an archive"
    AFTER_END = "archive after the end of an archive", "archives after the end of an archive"
    UNREAD_LABELS = "labels.csv in an archive", "labels.csv in an archive"
