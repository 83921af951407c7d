"""An S3 server in this process that lists and answers what its tables say, true or not."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

_LISTED = (
    "<Contents><Key>{}</Key><Size>{}</Size>{}"
    "<LastModified>2026-01-01T00:00:00.500Z</LastModified></Contents>"
)
_MODIFIED = "Thu, 01 Jan 2026 00:00:00 GMT"


class Listed(NamedTuple):
    """A line of the list."""

    key: str
    size: int
    tag: str | None = '"1"'


class Object(NamedTuple):
    """What is answered to a GET; `length` is what it claims to be long."""

    body: bytes
    tag: str | None = '"1"'
    length: int | None = None  # None: as long as the body is


@dataclass
class Store:
    """One bucket of any name: what it holds, what it refuses, what was asked."""

    listed: Sequence[Listed] = ()
    objects: dict[str, Object] = field(default_factory=dict)
    denied: frozenset[str] = frozenset()  # methods
    asked: list[tuple[str, str]] = field(default_factory=list)  # method, target


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, store: Store, *arguments: object) -> None:
        self._store = store
        super().__init__(*arguments)  # type: ignore[arg-type]  # what the server gives

    def do_GET(self) -> None:
        target = urlsplit(self.path)
        query = parse_qs(target.query, keep_blank_values=True)
        _, _, key = unquote(target.path).removeprefix("/").partition("/")
        if self._is_denied():
            return
        if "list-type" in query:
            self._answer(200, self._list(query.get("prefix", [""])[0]))
        elif key in self._store.objects:
            self._answer_object(self._store.objects[key])
        else:
            self._answer(404)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not self._is_denied():
            self._store.objects[unquote(self.path).split("/", 2)[2]] = Object(body)
            self._answer(200, fields={"ETag": '"1"'})

    def do_DELETE(self) -> None:
        if not self._is_denied():
            self._store.objects.pop(unquote(self.path).split("/", 2)[2], None)
            self._answer(204)

    def _is_denied(self) -> bool:
        self._store.asked.append((self.command, self.path))
        denied = self.command in self._store.denied
        if denied:
            self._answer(403)
        return denied

    def _list(self, prefix: str) -> bytes:
        lines = "".join(
            _LISTED.format(escape(key), size, f"<ETag>{escape(tag)}</ETag>" if tag else "")
            for key, size, tag in self._store.listed
            if key.startswith(prefix)
        )
        head = "<IsTruncated>false</IsTruncated>"
        return f"<ListBucketResult>{head}{lines}</ListBucketResult>".encode()

    def _answer_object(self, found: Object) -> None:
        fields = {"Last-Modified": _MODIFIED, **({"ETag": found.tag} if found.tag else {})}
        if found.length is None or self.command == "HEAD":
            self._answer(200, found.body, fields)
            return
        # In chunks: a client that goes by these gets more or less than the length says.
        fields |= {"Content-Length": str(found.length), "Transfer-Encoding": "chunked"}
        self._answer(200, b"%x\r\n%s\r\n0\r\n\r\n" % (len(found.body), found.body), fields)

    def _answer(self, code: int, body: bytes = b"", fields: Mapping[str, str] = {}) -> None:
        self.send_response(code)
        for name, value in {"Content-Length": str(len(body)), **fields}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True


@contextmanager
def scripted(store: Store) -> Iterator[int]:
    """Serve `store`; gives the port."""
    with _Server(("127.0.0.1", 0), partial(_Handler, store)) as server:
        Thread(target=server.serve_forever).start()
        yield server.server_port
        server.shutdown()
