"""A member's name as a path below the archive, which it may not lead out of."""

import re
from typing import Final

from batch_predict.records import Code, Reason

_LEADS_OUT: Final = Reason(Code.UNSUPPORTED, "its name leads out of the archive")
_NAMELESS: Final = Reason(Code.CORRUPT, "it has no name in the archive")
_DRIVE: Final = re.compile(r"[A-Za-z]:(?=[/\\])")


def below(name: str) -> tuple[str, Reason | None]:
    """`name`, `/` between parts, without those that say nothing; and what is wrong with it.

    What would lead out of a folder stands in parentheses, as `(..)/a.png`, `(C:)/a.png` and
    `(root)/a.png`: a path that leads nowhere else, whoever takes it for a file's.
    """
    drive = _DRIVE.match(name)
    start = [f"({drive[0]})"] if drive else ["(root)"] if name.startswith("/") else []
    parts = name[drive.end() if drive else 0 :].split("/")
    inner = ["(..)" if part == ".." else part for part in parts if part not in ("", ".")]
    if not inner:
        return "(no name)", _NAMELESS
    leads_out = bool(start) or ".." in parts
    return "/".join([*start, *inner]), _LEADS_OUT if leads_out else None
