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

#: a line of a list: key, size, entity tag
OBJECT: Final = (
    '<Contents><Key>{}</Key><Size>{}</Size><ETag>"{}"</ETag>'
    "<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
)
#: of the answer with an object: entity tag
FIELDS: Final = 'ETag: "{}"\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT'

_TOKEN: Final = "<NextContinuationToken>{}</NextContinuationToken>"
PAGE: Final = 1000  # keys


def answer(status: str, fields: str, body: bytes = b"") -> bytes:
    """As it is sent."""
    head = f"HTTP/1.1 {status}\r\n{fields}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


MISSING: Final = answer("404 Not Found", "Content-Type: application/xml")


def page(objects: str, following: int | None) -> bytes:
    """The answer with a page of a list: `objects`, and where it goes on."""
    token = "" if following is None else _TOKEN.format(following)
    head = f"<IsTruncated>{str(following is not None).lower()}</IsTruncated>{token}"
    whole = f"<ListBucketResult>{head}{objects}</ListBucketResult>"
    return answer("200 OK", "Content-Type: application/xml", whole.encode())


def first_of(target: str) -> int:
    """Where the page that is asked for begins."""
    return int(parse_qs(urlsplit(target).query).get("continuation-token", ["0"])[0])


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
            return answer("200 OK", FIELDS.format(number), self._picture)
        return self._page(target) if "list-type=2" in target else MISSING

    def _page(self, target: str) -> bytes:
        first = first_of(target)
        after = min(first + PAGE, self._keys)
        names = (f"{number:07}" for number in range(first, after))
        objects = "".join(OBJECT.format(f"{name}.png", self._size, name) for name in names)
        return page(objects, after if after < self._keys else None)


def endless(keys: int) -> AbstractContextManager[int]:
    """Run this module in a process of its own; gives its port."""
    return running("tests.s3.endless", keys)


if __name__ == "__main__":
    _KEYS, _SAMPLE = int(sys.argv[1]), min(SAMPLES.rglob("*.png")).read_bytes()
    asyncio.run(serve(lambda: _Connection(_KEYS, _SAMPLE)))
