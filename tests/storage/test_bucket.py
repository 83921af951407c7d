"""Addresses of object stores: where they lead; what is wrong with one is said without a secret."""

import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from batch_predict.errors import InputError, OutputError, UsageError
from batch_predict.storage import bucket, local, open_storage
from tests.conftest import ROOT

SECRET = "very-secret-indeed"


@pytest.mark.parametrize(
    ("place", "words"),
    [
        pytest.param("s3://", "an object store's address is s3://bucket/folder", id="no bucket"),
        pytest.param(f"gs://{SECRET}@pictures/in", "gs://bucket/folder, no more", id="a secret"),
        pytest.param("s3://two words/in", "no bucket can be named 'two words'", id="a space"),
        pytest.param("s3://pic[tures/in", "no bucket can be named", id="a bracket"),
        pytest.param("s3://pictures/a//b", "no part '', '.' or '..'", id="an empty part"),
        pytest.param("s3://pictures/a/../b", "no part '', '.' or '..'", id="a way up"),
    ],
)
def test_a_wrong_address_is_a_usage_error(place: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_storage(place)
    assert words in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("place", "name", "value"),
    [
        pytest.param("az://pictures/in", "AZURE_STORAGE_ACCOUNT_NAME", None, id="no account"),
        pytest.param(
            "s3://pictures/in", "AWS_SKIP_SIGNATURE", "maybe", id="neither true nor false"
        ),
        pytest.param("gs://pictures/in", "GOOGLE_APPLICATION_CREDENTIALS", "/no", id="no file"),
    ],
)
def test_an_environment_that_lacks_what_a_store_needs_is_an_input_error(
    place: str, name: str, value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if value is None:
        monkeypatch.delenv(name, raising=False)
    else:
        monkeypatch.setenv(name, value)
    with pytest.raises(InputError, match="account is not in the environment, or another variable"):
        open_storage(place)


def test_for_an_output_it_is_an_output_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "nowhere")
    with pytest.raises(OutputError, match=r"can't write s3://own/out\.csv: AWS_END"):
        local("s3://own/out.csv")


def test_broken_google_credentials_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT_KEY", f'{{"private_key": "{SECRET}"')
    with pytest.raises(InputError) as caught:
        open_storage("gs://pictures/in")
    assert SECRET not in str(caught.value)


def test_a_state_folder_that_cannot_be_made_is_an_output_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/nowhere")
    with pytest.raises(OutputError, match=r"can't make /proc/nowhere/.*; set XDG_STATE_HOME to a"):
        open_storage("s3://pictures/out").local("out.csv")


class Store(BaseHTTPRequestHandler):
    """Answers as a store of any kind does, with the path asked for as what the object holds."""

    def do_GET(self) -> None:
        self.send_response(200)
        for field in ("Content-Length", len(self.path)), ("ETag", '"1"'), ("Last-Modified", DATE):
            self.send_header(*map(str, field))
        self.end_headers()
        self.wfile.write(self.path.encode())

    def log_message(self, *words: object) -> None:
        pass


DATE = "Tue, 24 Nov 2026 18:00:00 GMT"


@pytest.fixture(scope="module")
def plain_http() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Store) as server:
        Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("scheme", "endpoint", "unsigned"),
    [
        ("s3", "AWS_ENDPOINT_URL", {"AWS_SKIP_SIGNATURE": "true", "AWS_REGION": "us-east-1"}),
        ("gs", "GOOGLE_BASE_URL", {"GOOGLE_SKIP_SIGNATURE": "true"}),
        (
            "az",
            "AZURE_STORAGE_ENDPOINT",
            {"AZURE_SKIP_SIGNATURE": "true", "AZURE_STORAGE_ACCOUNT_NAME": "me"},
        ),
    ],
)
def test_a_store_of_ones_own_may_speak_plain_http(
    scheme: str, endpoint: str, unsigned: dict[str, str], plain_http: str
) -> None:
    code = (  # in a process of its own, for a client's threads stay
        "from batch_predict.records import ImageRef;"
        "from batch_predict.storage import open_storage;"
        f"print(open_storage('{scheme}://pictures/in').read(ImageRef('a')).decode())"
    )
    where = {**os.environ, **unsigned, endpoint: plain_http}
    said = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=where,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert said.stdout in ("/pictures/in/a\n", "/pictures/in%2Fa\n"), said.stderr


def test_a_fork_of_a_process_that_has_opened_a_bucket_says_that_it_can_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bucket, "_first_process", os.getppid)
    with pytest.raises(InputError, match=r"can't open s3://b/in: object stores .* forked; start"):
        bucket.Bucket("s3://b/in")
