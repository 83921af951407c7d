"""A small server of the tests, in a process of its own, on a port of its own."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.conftest import ROOT


async def serve(connection: Callable[[], asyncio.Protocol]) -> None:
    """Serve on a free port of loopback, and print it; `connection` answers each client."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(connection, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def running(module: str, *arguments: object) -> Iterator[int]:
    """Run `python -m module`, which calls `serve`; gives its port."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()
