"""The server lets one browser in, once, and answers nobody else."""

import socket
from collections.abc import Iterator
from http import HTTPStatus
from http.client import HTTPConnection, HTTPResponse
from threading import Thread

import pytest

from batch_predict.errors import UsageError
from batch_predict.review.loopback import LONGEST_BODY, Answer, Loopback, Request

POSTED = {"Content-Type": "application/json"}


def echo(request: Request) -> Answer:
    if request.path == "/bug":
        raise RuntimeError("a bug")
    return Answer.words(HTTPStatus.OK, repr(tuple(request)))


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback(0, echo) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def ask(
    server: Loopback, path: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[HTTPResponse, str]:
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=60)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named)
        answer = connection.getresponse()
        return answer, answer.read().decode()
    finally:
        connection.close()


def raw(server: Loopback, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=60) as client:
        client.sendall(request)
        return b"".join(iter(lambda: client.recv(1 << 16), b""))


def token_path(server: Loopback) -> str:
    return server.url.removeprefix(f"http://127.0.0.1:{server.server_port}")


@pytest.fixture
def cookie(server: Loopback) -> str:
    """That of the client that came first."""
    answer, _ = ask(server, token_path(server))
    return answer.headers["Set-Cookie"].partition(";")[0]


def origin(server: Loopback) -> str:
    return f"http://127.0.0.1:{server.server_port}"


def test_the_token_is_changed_for_a_cookie_that_scripts_and_other_sites_lack(
    server: Loopback,
) -> None:
    answer, _ = ask(server, token_path(server))
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    cookie, *attributes = answer.headers["Set-Cookie"].split("; ")
    assert attributes == ["HttpOnly", "SameSite=Strict", "Path=/"]
    assert str(server.server_port) in cookie.partition("=")[0]  # that of a server beside it stays
    answer, body = ask(server, "/any?a=1&a=2", Cookie=f"other=1; {cookie}")
    assert (answer.status, body) == (200, "('GET', '/any', {'a': '2'}, b'')\n")


@pytest.mark.parametrize(
    ("path", "headers", "status", "words"),
    [
        pytest.param("/", {}, 403, "needs the link", id="no token"),
        pytest.param("/?token=wrong", {}, 403, "works once", id="wrong token"),
        pytest.param("/?token=", {}, 403, "needs the link", id="empty token"),
        pytest.param("/?token=%00%ff", {}, 403, "works once", id="garbage token"),
        pytest.param("/", {"Cookie": "{name}=wrong"}, 403, "needs the link", id="wrong cookie"),
        pytest.param("/", {"Cookie": "{name}="}, 403, "needs the link", id="empty cookie"),
        pytest.param("/", {"Cookie": "=;;{name}"}, 403, "needs the link", id="garbage cookie"),
        pytest.param("/?" + "a&" * 99, {}, 403, "needs the link", id="many fields"),
    ],
)
def test_nobody_else_is_let_in(
    server: Loopback, path: str, headers: dict[str, str], status: int, words: str
) -> None:
    headers = {name: value.format(name=server.cookie_name) for name, value in headers.items()}
    answer, body = ask(server, path, **headers)
    assert (answer.status, answer.headers["Set-Cookie"]) == (status, None)
    assert words in body
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_a_second_client_with_the_token_hears_that_it_is_spent(
    server: Loopback, cookie: str
) -> None:
    answer, body = ask(server, token_path(server))
    assert (answer.status, answer.headers["Set-Cookie"]) == (403, None)
    assert "works once" in body
    assert "Ctrl-C" in body
    answer, _ = ask(server, token_path(server), Cookie=cookie)  # the first one's link goes on
    assert answer.status == 200


@pytest.mark.parametrize(
    "hosts",
    [
        pytest.param([], id="none"),
        pytest.param(["evil.example:{port}"], id="another name for this machine"),
        pytest.param(["127.0.0.1"], id="no port"),
        pytest.param(["127.0.0.1:1"], id="another port"),
        pytest.param(["127.0.0.1:{port}.evil.example"], id="ours in front of another"),
        pytest.param(["127.0.0.1:{port}", "evil.example"], id="two"),
    ],
)
def test_another_host_is_refused_even_with_the_cookie(
    server: Loopback, cookie: str, hosts: list[str]
) -> None:
    lines = [f"Host: {host.format(port=server.server_port)}" for host in hosts]
    request = "\r\n".join(["GET / HTTP/1.1", *lines, f"Cookie: {cookie}", "Connection: close"])
    answer = raw(server, f"{request}\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 421 ")


def test_it_answers_as_localhost_too(server: Loopback, cookie: str) -> None:
    answer, _ = ask(server, "/", Host=f"localhost:{server.server_port}", Cookie=cookie)
    assert answer.status == 200


def test_a_post_of_its_own_page_is_answered(server: Loopback, cookie: str) -> None:
    headers = {**POSTED, "Origin": origin(server), "Cookie": cookie}
    answer, body = ask(server, "/decide", "POST", b"{}", **headers)
    assert (answer.status, body) == (200, "('POST', '/decide', {}, b'{}')\n")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"Origin": None}, 403, id="no origin"),
        pytest.param({"Origin": "null"}, 403, id="a file's origin"),
        pytest.param({"Origin": "http://evil.example"}, 403, id="another origin"),
        pytest.param({"Cookie": None}, 403, id="no cookie"),
        pytest.param({"Content-Type": "text/plain"}, 415, id="a form's type"),
        pytest.param({"Content-Length": "-1"}, 411, id="less than nothing"),
        pytest.param({"Content-Length": "x"}, 411, id="no number"),
        pytest.param({"Content-Length": None, "Transfer-Encoding": "chunked"}, 411, id="chunked"),
        pytest.param({"Content-Length": str(LONGEST_BODY + 1)}, 413, id="too large"),
        pytest.param({"Content-Length": "9" * 5000}, 413, id="absurdly large"),
    ],
)
def test_other_posts_are_refused(
    server: Loopback, cookie: str, headers: dict[str, str | None], status: int
) -> None:
    given = {**POSTED, "Origin": origin(server), "Cookie": cookie, "Content-Length": "2"}
    lines = [f"{name}: {value}" for name, value in {**given, **headers}.items() if value]
    head = ["POST /decide HTTP/1.1", f"Host: 127.0.0.1:{server.server_port}", *lines]
    answer = raw(server, ("\r\n".join(head) + "\r\n\r\n{}").encode())
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"\r\nConnection: close\r\n" in answer


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "HEAD", "TRACE"])
def test_other_methods_are_refused_and_no_other_origin_is_named(
    server: Loopback, cookie: str, method: str
) -> None:
    answer, _ = ask(server, "/", method, Cookie=cookie, Origin="http://evil.example")
    assert answer.status == 501
    assert not [name for name in answer.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize("path", ["/", "/missing", "/bug"])
def test_every_answer_is_closed_to_others(server: Loopback, cookie: str, path: str) -> None:
    answer, _ = ask(server, path, Cookie=cookie)
    found = {name: answer.headers[name] for name in ("Cache-Control", "X-Content-Type-Options")}
    assert found == {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["Server"].startswith("batch_predict")


def test_a_bug_is_said_and_the_server_goes_on(
    server: Loopback, cookie: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer, body = ask(server, "/bug", Cookie=cookie)
    assert (answer.status, body) == (500, "RuntimeError: a bug\n")
    assert "this is a bug" in caplog.text
    assert ask(server, "/", Cookie=cookie)[0].status == 200


@pytest.mark.parametrize(
    "request_", [b"\x00\xff\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"]
)
def test_what_is_no_request_is_answered_in_words(server: Loopback, request_: bytes) -> None:
    answer = raw(server, request_)
    assert b"<" not in answer


def test_it_listens_on_loopback_alone(server: Loopback) -> None:
    assert server.server_address[0] == "127.0.0.1"


def test_a_port_that_is_taken_is_said(server: Loopback) -> None:
    with pytest.raises(UsageError, match=f"port {server.server_port}: .*--port"):
        Loopback(server.server_port, echo)


def test_the_log_does_not_hold_the_token(
    server: Loopback, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    ask(server, token_path(server))
    assert "token=..." in caplog.text
    assert token_path(server) not in caplog.text
