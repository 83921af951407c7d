"""An S3 server on this machine, and a proxy before it that is slow and makes mistakes."""

import asyncio
import random
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

KEY, SECRET = "test-key", "very-secret-indeed"


def environment(port: int, secret: str = SECRET) -> dict[str, str]:
    """Where the server of `port` is, and the keys to it."""
    return {
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
    }


class Faults(NamedTuple):
    """What the proxy does to a request."""

    latency_s: float = 0.0
    throttled: float = 0.0  # share that is answered with 503
    dropped: float = 0.0  # share of requests whose connection ends in the middle of the answer
    broken: str = "\0"  # a request with this in its first line is always answered with 503


@contextmanager
def serving(root: Path, dir_cache: str = "0s") -> Iterator[int]:
    """Serve the folders of `root` as buckets; gives the port.

    Each request lists a folder again that was listed longer ago than `dir_cache`.
    """
    command = ["rclone", "serve", "s3", "--addr", "127.0.0.1:0"]
    command += [
        "--auth-key",
        f"{KEY},{SECRET}",
        "--dir-cache-time",
        dir_cache,
        "--config",
        "",
        str(root),
    ]
    with (
        tempfile.NamedTemporaryFile() as said,
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=said) as server,
    ):
        try:
            yield _port(server, Path(said.name))
        finally:
            server.kill()


def _port(server: "subprocess.Popen[bytes]", said: Path) -> int:
    """That which it was given, once it listens there and says so."""
    while not (found := re.search(r"server on \[http://127\.0\.0\.1:(\d+)/", said.read_text())):
        assert server.poll() is None, said.read_text()
        time.sleep(0.05)
    return int(found[1])


class Proxy:
    """Passes requests on to `port`, with `faults`; counts what it answered itself."""

    def __init__(self, port: int, faults: Faults) -> None:
        self._target = port
        self._faults = faults
        self._dice = random.Random(0)
        self.requests = self.throttled = self.dropped = 0
        self.at_once = self.most_at_once = 0
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", 0)
        )
        self.port = int(self._server.sockets[0].getsockname()[1])
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> "Proxy":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _close(self) -> None:
        self._server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner = await asyncio.open_connection("127.0.0.1", self._target)
        try:
            while True:
                request = await _message(reader)
                self.requests += 1
                self.at_once += 1
                self.most_at_once = max(self.most_at_once, self.at_once)
                await asyncio.sleep(self._faults.latency_s)
                self.at_once -= 1
                dice = self._dice.random()
                first_line = request.split(b"\r\n", 1)[0].decode()
                if dice < self._faults.throttled or self._faults.broken in first_line:
                    self.throttled += 1
                    writer.write(b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\n\r\n")
                    continue
                inner.write(request)
                answer = await _message(inner_reader)
                if dice > 1 - self._faults.dropped:
                    self.dropped += 1
                    writer.write(answer[: len(answer) - len(answer) // 4])
                    await writer.drain()
                    return
                writer.write(answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            return  # one of the two has hung up
        finally:
            inner.close()
            writer.close()


async def _message(reader: asyncio.StreamReader) -> bytes:
    """One request or answer, with its body."""
    head = await reader.readuntil(b"\r\n\r\n")
    fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:] if b":" in line)
    if fields.get(b"transfer-encoding", b"").strip() == b"chunked":
        body = b""
        while True:
            size = await reader.readline()
            body += size + await reader.readexactly(int(size, 16) + 2)
            if int(size, 16) == 0:
                return head + body
    return head + await reader.readexactly(int(fields.get(b"content-length", b"0")))
