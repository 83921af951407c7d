"""`python -m tests.bench.store FOLDER SECONDS`: an S3 server whose answers are late.

The folders in FOLDER are its buckets, held in memory. It shares the machine with what is measured,
so it takes as little CPU time as it can: an answer is looked up and sent. It prints its port.
"""

import asyncio
import sys
from contextlib import AbstractContextManager
from functools import cache
from hashlib import md5
from pathlib import Path
from typing import NamedTuple

from tests.s3.endless import FIELDS, MISSING, OBJECT, PAGE, answer, first_of, page
from tests.support.own_port import running, serve


class _Bucket(NamedTuple):
    """One folder."""

    lines: list[str]  # of its list
    answers: dict[str, bytes]  # by key


@cache
def _bucket(folder: Path) -> _Bucket:
    lines, answers = [], {}
    for path in sorted(folder.iterdir()):
        held = path.read_bytes()
        tag = md5(held).hexdigest()
        lines.append(OBJECT.format(path.name, len(held), tag))
        answers[path.name] = answer("200 OK", FIELDS.format(tag), held)
    return _Bucket(lines, answers)


class _Connection(asyncio.Protocol):
    """Answers one request after the other; none has a body."""

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
            found = self._answer_to(request.split(b" ", 2)[1].decode())
            self._later(self._delay_s, self._transport.write, found)

    def _answer_to(self, target: str) -> bytes:
        name, _, rest = target.removeprefix("/").partition("?")
        folder, _, key = name.partition("/")
        lines, answers = _bucket(self._root / folder)
        if "list-type=2" not in rest:
            return answers.get(key, MISSING)
        first = first_of(target)
        after = first + PAGE
        return page("".join(lines[first:after]), after if after < len(lines) else None)


def storing(folder: Path, delay_s: float) -> AbstractContextManager[int]:
    """Run this module in a process of its own; gives its port."""
    return running("tests.bench.store", folder, delay_s)


if __name__ == "__main__":
    _ROOT, _DELAY_S = Path(sys.argv[1]), float(sys.argv[2])
    asyncio.run(serve(lambda: _Connection(_ROOT, _DELAY_S)))
