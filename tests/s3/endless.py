"""`python -m tests.s3.endless KEYS`: an S3 server of as many keys, all the same small picture.

Only what a run asks of it: pages of a list, and objects. It prints its port.
"""

import asyncio
import sys
from contextlib import AbstractContextManager
from typing import Final
from urllib.parse import parse_qs, urlsplit

from tests.conftest import SAMPLES
from tests.support.own_port import running, serve

_OBJECT: Final = (
    '<Contents><Key>{0:07}.png</Key><Size>{1}</Size><ETag>"{0:07}"</ETag>'
    "<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
)
_FIELDS: Final = 'ETag: "{}"\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT'


def _answer(status: str, fields: str, body: bytes = b"") -> bytes:
    head = f"HTTP/1.1 {status}\r\n{fields}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


_MISSING: Final = _answer("404 Not Found", "Content-Type: application/xml")


class _Connection(asyncio.Protocol):
    """Answers one request after the other; none has a body."""

    def __init__(self, keys: int, picture: bytes) -> None:
        self._keys = keys
        self._size = len(picture)
        self._picture = picture
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *requests, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for request in requests:
            self._transport.write(self._answer_to(request.split(b" ", 2)[1].decode()))

    def _answer_to(self, target: str) -> bytes:
        if target.endswith(".png"):
            number = target.rpartition("/")[2].removesuffix(".png")
            return _answer("200 OK", _FIELDS.format(number), self._picture)
        return self._page(target) if "list-type=2" in target else _MISSING

    def _page(self, target: str) -> bytes:
        asked = parse_qs(urlsplit(target).query)
        first = int(asked.get("continuation-token", ["0"])[0])
        after = min(first + 1000, self._keys)
        more = after < self._keys
        token = f"<NextContinuationToken>{after}</NextContinuationToken>" * more
        found = "".join(_OBJECT.format(number, self._size) for number in range(first, after))
        head = f"<IsTruncated>{str(more).lower()}</IsTruncated>{token}"
        page = f"<ListBucketResult>{head}{found}</ListBucketResult>"
        return _answer("200 OK", "Content-Type: application/xml", page.encode())


def endless(keys: int) -> AbstractContextManager[int]:
    """Run this module in a process of its own; gives its port."""
    return running("tests.s3.endless", keys)


if __name__ == "__main__":
    _KEYS, _SAMPLE = int(sys.argv[1]), min(SAMPLES.rglob("*.png")).read_bytes()
    asyncio.run(serve(lambda: _Connection(_KEYS, _SAMPLE)))
