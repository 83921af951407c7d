"""HTTP on this machine for one browser: loopback only, let in by a token that works once.

Any page that the browser has open, and any program of another user on this machine, can send
requests to a port of loopback. So a request counts only where it names this server as its host (a
name that an attacker points to 127.0.0.1 does not), has the cookie that the token was changed for,
and, where it changes something, comes from a page of this server.
"""

import logging
import re
import secrets
from collections.abc import Callable
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

from batch_predict.errors import UsageError, describe

_LOGGER: Final = logging.getLogger(__name__)
LOOPBACK: Final = "127.0.0.1"
LONGEST_BODY: Final = 1 << 20  # bytes; a decision takes a few hundred, a page has 200
TIMEOUT_S: Final = 60.0  # of a client that says nothing; a browser opens its connection anew
_TOKEN_BYTES: Final = 32  # nobody guesses that
_ON_EVERY_ANSWER: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_TOKEN_SHOWN: Final = re.compile(r"token=[^\s&]*")
_MOST_FIELDS: Final = 20  # of a query
#: of an answer that brings none of its own: nothing may load, and nobody may frame it
_NOTHING: Final = "default-src 'none'; frame-ancestors 'none'"
_SPENT: Final = (
    "This link works once, and it was used already, or it is of an earlier start. Go on in the"
    " browser that opened it; for another link, end the program with Ctrl-C and start it again:"
    " what was decided is kept."
)
_NOT_LET_IN: Final = (
    "This page needs the link that the program printed when it started; it works once."
)


class Request(NamedTuple):
    """What a client that was let in asks for."""

    method: str  # "GET" or "POST"
    path: str  # as it was sent, nothing in it decoded
    query: dict[str, str]  # of a name that comes twice, the last
    body: bytes  # of a GET empty


class Answer(NamedTuple):
    """What it gets."""

    status: HTTPStatus
    content_type: str
    body: bytes
    policy: str = _NOTHING  # its Content-Security-Policy
    headers: tuple[tuple[str, str], ...] = ()  # further ones

    @classmethod
    def words(cls, status: HTTPStatus, text: str) -> "Answer":
        """`text` for a person to read."""
        return cls(status, "text/plain; charset=utf-8", f"{text}\n".encode())


class Loopback(ThreadingHTTPServer):
    """Answers by `respond`, which threads call at the same time.

    Raises:
        UsageError: `port` is taken; 0 is any that is free.
    """

    daemon_threads = True  # a browser keeps connections open, and nobody waits for it to go

    def __init__(self, port: int, respond: Callable[[Request], Answer]) -> None:
        try:
            super().__init__((LOOPBACK, port), _Handler)
        except OSError as error:
            raise UsageError(
                f"can't serve on port {port}: {error.strerror};"
                " name another with --port, or leave it out for any that is free"
            ) from error
        self.respond = respond
        self.hosts = {f"{name}:{self.server_port}" for name in (LOOPBACK, "localhost")}
        # Browsers send a cookie to all ports of a host: two servers need two names.
        self.cookie_name = f"review_{self.server_port}"
        self._token: str | None = secrets.token_urlsafe(_TOKEN_BYTES)
        self._cookie = secrets.token_urlsafe(_TOKEN_BYTES)
        self._lock = Lock()
        self.url = f"http://{LOOPBACK}:{self.server_port}/?token={self._token}"

    def spend(self, token: str) -> str | None:
        """The cookie for `token`, which is spent with that; None for another, or a spent one."""
        with self._lock:
            if self._token is None or not _same(token, self._token):
                return None
            self._token = None
            return self._cookie

    def lets_in(self, cookie: str) -> bool:
        """Whether `cookie` is the one that the token was changed for."""
        return _same(cookie, self._cookie)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is no error of the server."""
        _LOGGER.info("a client's connection ended", exc_info=True)


def _same(one: str, other: str) -> bool:
    return secrets.compare_digest(one.encode(), other.encode())


def _query(address: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(address.partition("?")[2], max_num_fields=_MOST_FIELDS))
    except ValueError:  # more fields than that
        return {}


class _Handler(BaseHTTPRequestHandler):
    """One client's connection."""

    server: Loopback
    protocol_version = "HTTP/1.1"  # a connection is used again: the next picture is there sooner
    timeout = TIMEOUT_S
    disable_nagle_algorithm = True  # an answer's head does not wait for its body

    def do_GET(self) -> None:
        """Answer a client that was let in, or let in the first that has the token."""
        self._send(self._refusal() or self._answer(b""))

    def do_POST(self) -> None:
        """Answer a page of this server, which may change something."""
        refusal = self._refusal() or self._refusal_of_post()
        if refusal is not None:
            self.close_connection = True  # its body is not read
            self._send(refusal)
            return
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if len(body) == length:  # else the client is gone
            self._send(self._answer(body))

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What no request is, or one of another kind, is told so in words."""
        self.close_connection = True
        status = HTTPStatus(code)
        self._send(Answer.words(status, f"{status.phrase}: {message or status.description}"))

    def version_string(self) -> str:
        """The header `Server`: a client need not know the version of Python."""
        return "batch_predict"

    def log_message(self, format: str, *arguments: object) -> None:
        """Each request is a line in the log of `--verbose`; the token in its address is not."""
        _LOGGER.info("%s", _TOKEN_SHOWN.sub("token=...", format % arguments))

    def _refusal(self) -> Answer | None:
        """What a client hears that was not let in before; None for the one that was."""
        if self.headers.get_all("Host", []) not in [[host] for host in self.server.hosts]:
            return Answer.words(
                HTTPStatus.MISDIRECTED_REQUEST, "This server answers at its own address only."
            )
        if self.server.lets_in(self._cookie()):
            return None
        token = _query(self.path).get("token") if self.command == "GET" else None
        if token is None:
            return Answer.words(HTTPStatus.FORBIDDEN, _NOT_LET_IN)
        cookie = self.server.spend(token)
        if cookie is None:
            return Answer.words(HTTPStatus.FORBIDDEN, _SPENT)
        # A session's cookie, which no script reads, and which no other site's link or form sends.
        set_cookie = f"{self.server.cookie_name}={cookie}; HttpOnly; SameSite=Strict; Path=/"
        headers = (("Set-Cookie", set_cookie), ("Location", "/"))
        return Answer.words(HTTPStatus.SEE_OTHER, "Go on to /")._replace(headers=headers)

    def _refusal_of_post(self) -> Answer | None:
        if self.headers.get_all("Origin", []) not in [[f"http://{h}"] for h in self.server.hosts]:
            return Answer.words(HTTPStatus.FORBIDDEN, "A decision comes from this server's page.")
        if self.headers.get_content_type() != "application/json":
            return Answer.words(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "A decision is sent as JSON.")
        length = self.headers.get("Content-Length", "")
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            return Answer.words(HTTPStatus.LENGTH_REQUIRED, "A decision says how long it is.")
        if len(length) > len(str(LONGEST_BODY)) or int(length) > LONGEST_BODY:
            words = f"A decision takes at most {LONGEST_BODY:,} bytes."
            return Answer.words(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, words)
        return None

    def _cookie(self) -> str:
        try:
            cookies = SimpleCookie(self.headers.get("Cookie", ""))
        except CookieError:
            return ""
        ours = cookies.get(self.server.cookie_name)
        return ours.value if ours else ""

    def _answer(self, body: bytes) -> Answer:
        """What `respond` says; where it fails, that is said and logged, and the server goes on."""
        path = self.path.partition("?")[0]
        try:
            return self.server.respond(Request(self.command, path, _query(self.path), body))
        except Exception as error:
            _LOGGER.exception("this is a bug; the server goes on")
            return Answer.words(HTTPStatus.INTERNAL_SERVER_ERROR, describe(error))

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in _ON_EVERY_ANSWER.items():
            self.send_header(name, value)
        self.send_header("Content-Security-Policy", answer.policy)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers:
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer.body)
