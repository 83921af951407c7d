"""What tells an object of a bucket from what it was before."""

from typing import Any

from batch_predict.records import ImageRef


def version_of(found: Any) -> str:
    """The object's entity tag; where the store has none, its size and when it was put there.

    As an inventory has it, too: without quotes.
    """
    tag = found["e_tag"]
    return _plain(tag) if tag else f"{found['size']} {found['last_modified'].isoformat()}"


def is_as_listed(ref: ImageRef, found: Any) -> bool:
    """Whether an object, as it is now, has the size and the entity tag that were listed."""
    return found["size"] == ref.size and has_version(ref.version or "", found)


def has_version(listed: str, found: Any) -> bool:
    """Whether an object, as it is now, has the entity tag of the version that was `listed`.

    Times are not compared: a listing and an answer give them to different fractions of a second.
    """
    now = found["e_tag"]
    has_tag = " " not in listed  # which no tag holds, see `version_of`
    return not (has_tag and now) or listed == _plain(now)


def _plain(tag: str) -> str:
    """An entity tag without quotes, which Azure leaves out in a listing, and the mark for weak."""
    return tag.removeprefix("W/").strip('"')
