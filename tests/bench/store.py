"""`python -m tests.bench.store FOLDER SECONDS`: an S3 server whose answers are late.

The folders in FOLDER are its buckets, held in memory. It shares the machine with what is measured,
so it takes as little CPU time as it can: an answer is looked up and sent. It prints its port, and
counts what it is asked for: see `asked_of`.
"""

import asyncio
import re
import sys
from contextlib import AbstractContextManager
from functools import cache
from hashlib import md5
from pathlib import Path
from typing import Final, NamedTuple
from urllib.request import urlopen

from tests.s3.endless import FIELDS, MISSING, OBJECT, PAGE, answer, first_of, page
from tests.support.own_port import running, serve

_COUNTS: Final = "-counts"  # no bucket's name begins so
_RANGE: Final = re.compile(rb"\nrange: bytes=(\d+)-(\d+)", re.IGNORECASE)


class Asked(NamedTuple):
    """What a store was asked for since it was last asked how much that is."""

    lists: int  # requests
    others: int  # requests
    sent: int  # bytes


class _Object(NamedTuple):
    """One file."""

    held: bytes
    tag: str
    answer: bytes  # to who asks for all of it


class _Bucket(NamedTuple):
    """One folder."""

    lines: list[str]  # of its list
    objects: dict[str, _Object]  # by key


@cache
def _bucket(folder: Path) -> _Bucket:
    lines, objects = [], {}
    for path in sorted(folder.iterdir()):
        held = path.read_bytes()
        tag = md5(held).hexdigest()
        lines.append(OBJECT.format(path.name, len(held), tag))
        objects[path.name] = _Object(held, tag, answer("200 OK", FIELDS.format(tag), held))
    return _Bucket(lines, objects)


def _answer_with(found: _Object, head: bytes) -> bytes:
    """`found`, or the part of it that the request `head` asks for."""
    asked = _RANGE.search(head)
    if asked is None:
        whole = found.answer
        return whole[: -len(found.held)] if head.startswith(b"HEAD") and found.held else whole
    first, last = int(asked[1]), min(int(asked[2]), len(found.held) - 1)
    place = f"Content-Range: bytes {first}-{last}/{len(found.held)}"
    fields = f"{FIELDS.format(found.tag)}\r\n{place}"
    return answer("206 Partial Content", fields, found.held[first : last + 1])


class _Connection(asyncio.Protocol):
    """Answers one request after the other; none has a body."""

    counts = Asked(0, 0, 0)  # of all connections

    def __init__(self, root: Path, delay_s: float) -> None:
        self._root, self._delay_s = root, delay_s
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._later = asyncio.get_running_loop().call_later

    def data_received(self, data: bytes) -> None:
        *requests, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for request in requests:
            found = self._answer_to(request.split(b" ", 2)[1].decode(), request)
            self._later(self._delay_s, self._transport.write, found)

    def _answer_to(self, target: str, head: bytes) -> bytes:
        name, _, rest = target.removeprefix("/").partition("?")
        if name == _COUNTS:
            counts, _Connection.counts = self.counts, Asked(0, 0, 0)
            return answer("200 OK", "Content-Type: text/plain", " ".join(map(str, counts)).encode())
        folder, _, key = name.partition("/")
        lines, objects = _bucket(self._root / folder)
        is_list = "list-type=2" in rest
        if is_list:
            first = first_of(target)
            after = first + PAGE
            found = page("".join(lines[first:after]), after if after < len(lines) else None)
        else:
            found = _answer_with(objects[key], head) if key in objects else MISSING
        lists, others, sent = self.counts
        _Connection.counts = Asked(lists + is_list, others + (not is_list), sent + len(found))
        return found


def asked_of(port: int) -> Asked:
    """What the store at `port` was asked for since this was last called."""
    with urlopen(f"http://127.0.0.1:{port}/{_COUNTS}") as said:
        return Asked(*map(int, said.read().split()))


def storing(folder: Path, delay_s: float) -> AbstractContextManager[int]:
    """Run this module in a process of its own; gives its port."""
    return running("tests.bench.store", folder, delay_s)


if __name__ == "__main__":
    _ROOT, _DELAY_S = Path(sys.argv[1]), float(sys.argv[2])
    asyncio.run(serve(lambda: _Connection(_ROOT, _DELAY_S)))
