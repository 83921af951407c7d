"""Addresses of object stores: what is wrong with one is said without a secret."""

import pytest

from batch_predict.errors import UsageError
from batch_predict.storage import open_storage

SECRET = "very-secret-indeed"


@pytest.mark.parametrize(
    ("place", "words"),
    [
        pytest.param("s3://", "an object store's address is s3://bucket/folder", id="no bucket"),
        pytest.param(f"gs://{SECRET}@pictures/in", "gs://bucket/folder, no more", id="a secret"),
        pytest.param("az://pictures/in", "its account is not in the environment", id="no account"),
    ],
)
def test_a_wrong_address_is_a_usage_error(
    place: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    with pytest.raises(UsageError) as caught:
        open_storage(place)
    assert words in str(caught.value)
    assert SECRET not in str(caught.value)


def test_broken_google_credentials_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT_KEY", f'{{"private_key": "{SECRET}"')
    with pytest.raises(UsageError) as caught:
        open_storage("gs://pictures/in")
    assert SECRET not in str(caught.value)
