"""What the environment may say of a store."""

import sys
from pathlib import Path

import pytest

from batch_predict.errors import ExitCode, InputError, MissingExtraError
from batch_predict.storage.bucket_settings import (
    allows_http,
    check_settings,
    profile_credentials,
)


@pytest.mark.parametrize(
    "address",
    [
        "",
        " ",
        "nowhere",
        "localhost:9000",
        "127.0.0.1:9000",
        "ftp://host",
        "http://",
        "http:///in",
        "http://host:99999",
        "http://host:0",
        "http://host:port",
        "http://[::1",
        "http://a b/",
        " http://host",
        "http://host\n",
        "http://h\u00f6st",
    ],
)
@pytest.mark.parametrize(
    ("scheme", "name"),
    [
        ("s3", "AWS_ENDPOINT_URL"),
        ("s3", "AWS_ENDPOINT_URL_S3"),
        ("s3", "AWS_ENDPOINT"),
        ("gs", "GOOGLE_BASE_URL"),
        ("az", "AZURE_STORAGE_ENDPOINT"),
    ],
)
def test_what_is_no_address(scheme: str, name: str, address: str) -> None:
    with pytest.raises(InputError, match=f"{name} is no address such as https://host:9000"):
        check_settings(scheme, {name: address})


@pytest.mark.parametrize(
    "address",
    ["http://host", "https://host:9000/", "HTTP://[::1]:9000", "https://me:secret@host/base"],
)
def test_an_address(address: str) -> None:
    check_settings("s3", {"AWS_ENDPOINT_URL": address})
    assert allows_http("s3", {"AWS_ENDPOINT_URL": address}) is (address[:5].lower() == "http:")
    assert not allows_http("gs", {"AWS_ENDPOINT_URL": address})


@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN"])
@pytest.mark.parametrize("value", ["us east", "us\n", "\u00fc", "\x00"])
def test_what_is_no_word_is_not_shown(name: str, value: str) -> None:
    with pytest.raises(InputError, match=f"{name} holds a space, a line end or") as caught:
        check_settings("s3", {name: value})
    assert value not in str(caught.value).replace("holds a space", "")


INI = """[profile process]
credential_process = /bin/false
[profile empty]
[profile source]
source_profile = empty
role_arn = arn:aws:iam::1:role/x
[profile region]
region = two words
aws_access_key_id = a
aws_secret_access_key = b
"""


@pytest.mark.parametrize(
    ("profile", "config", "words"),
    [
        pytest.param("gone", INI, r"the profile gone \(AWS_PROFILE\) is not in", id="unknown"),
        pytest.param("gone", "[default\nx", "is no INI file", id="a damaged file"),
        pytest.param("gone", None, "gone .* is not in AWS's configuration", id="no file"),
        pytest.param("process", INI, "process .* gives no credentials", id="a process fails"),
        pytest.param("empty", INI, "empty .* gives no credentials", id="nothing in it"),
        pytest.param("source", INI, "source .* gives no credentials", id="its source is empty"),
        pytest.param("region", INI, "region .* no valid region", id="a region of two words"),
    ],
)
def test_a_profile_of_no_use(
    profile: str, config: str | None, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if config is not None:
        (tmp_path / "config").write_text(config)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    given = {
        "AWS_PROFILE": profile,
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(InputError, match=words):
        profile_credentials("s3", given)


@pytest.mark.parametrize("missing", ["botocore.exceptions", "obstore.auth.boto3"])
def test_a_profile_without_boto3_names_the_extra(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(MissingExtraError, match=r"AWS_PROFILE.*'batch_predict\[aws\]'") as caught:
        profile_credentials("s3", {"AWS_PROFILE": "nightly"})
    assert caught.value.exit_code is ExitCode.MISSING_EXTRA


@pytest.mark.parametrize(("scheme", "given"), [("s3", {}), ("gs", {"AWS_PROFILE": "nightly"})])
def test_without_a_profile_boto3_is_not_asked_for(
    scheme: str, given: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "botocore.exceptions", None)
    assert profile_credentials(scheme, given) is None
