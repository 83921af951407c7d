"""`python -m tests.bench.delay PORT SECONDS`: passes connections on to PORT, what is sent late.

It prints its own port. Bytes are not looked at, so one process passes some thousands of requests
a second on; `tests.s3.server.Proxy`, which reads them, is slower and makes mistakes as well.
"""

import asyncio
import sys
from contextlib import AbstractContextManager
from typing import cast

from tests.support.own_port import running, serve


class _Pipe(asyncio.Protocol):
    """One end of a connection: what arrives here is sent at the other end, `delay_s` later."""

    def __init__(self, delay_s: float) -> None:
        self._delay_s = delay_s
        self._other: asyncio.Transport | None = None
        self._early: list[bytes] = []  # came before the other end was there

    def join(self, other: asyncio.Transport) -> None:
        self._other = other
        for data in self._early:
            self._send(data)

    def data_received(self, data: bytes) -> None:
        if self._other is None:
            self._early.append(data)
        else:
            self._send(data)

    def connection_lost(self, error: Exception | None) -> None:
        if self._other is not None:
            self._other.close()

    def _send(self, data: bytes) -> None:
        assert self._other is not None
        if self._delay_s:
            asyncio.get_running_loop().call_later(self._delay_s, self._other.write, data)
        else:
            self._other.write(data)


class _Client(_Pipe):
    """The client's end, which opens the server's."""

    def __init__(self, target: int, delay_s: float) -> None:
        super().__init__(delay_s)
        self._target = target

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        loop = asyncio.get_running_loop()
        self._opening = loop.create_task(self._open(cast(asyncio.Transport, transport)))

    async def _open(self, client: asyncio.Transport) -> None:
        loop = asyncio.get_running_loop()
        server, answers = await loop.create_connection(lambda: _Pipe(0), "127.0.0.1", self._target)
        answers.join(client)
        self.join(server)


def delaying(target: int, delay_s: float) -> AbstractContextManager[int]:
    """Run this module in a process of its own; gives its port."""
    return running("tests.bench.delay", target, delay_s)


if __name__ == "__main__":
    _TARGET, _DELAY_S = int(sys.argv[1]), float(sys.argv[2])
    asyncio.run(serve(lambda: _Client(_TARGET, _DELAY_S)))
