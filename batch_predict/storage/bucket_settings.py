"""What the environment says of a store, checked before obstore ends in a Rust panic over it."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from batch_predict.errors import InputError, MissingExtraError

#: the variables with the address of a private store; plain http is allowed only by them
_ADDRESSES: Final = {
    "s3": ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"),
    "gs": ("GOOGLE_BASE_URL",),
    "az": ("AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT"),
}
#: the variables whose values become parts of an address or of a header
_WORDS: Final = {
    "s3": ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN"),
    "gs": (),
    "az": ("AZURE_STORAGE_ACCOUNT_NAME",),
}


def check_settings(scheme: str, environment: Mapping[str, str]) -> None:
    """Check the variables that a store of `scheme` goes by.

    Raises:
        InputError: one holds what can be no address or no such word.
    """
    for name in _ADDRESSES[scheme]:
        if name in environment and not _is_address(environment[name]):
            raise InputError(f"{name} is no address such as https://host:9000")
    for name in _WORDS[scheme]:
        if not _is_word(environment.get(name, "")):
            raise InputError(f"{name} holds a space, a line end or another character that can't be")


def allows_http(scheme: str, environment: Mapping[str, str]) -> bool:
    """Whether the environment names a store that is spoken to without encryption."""
    given = (environment.get(name, "") for name in _ADDRESSES[scheme])
    return any(address.lower().startswith("http://") for address in given)


def profile_credentials(scheme: str, environment: Mapping[str, str]) -> Any:
    """Credentials of a profile, which obstore's own provider for S3 does not know; else None.

    Raises:
        InputError: there is no such profile, or it is of no use.
        MissingExtraError: boto3 is not installed.
    """
    if scheme != "s3" or "AWS_PROFILE" not in environment:
        return None
    try:
        from botocore.exceptions import BotoCoreError, ConfigParseError, ProfileNotFound
        from obstore.auth.boto3 import Boto3CredentialProvider
    except ImportError as error:
        raise MissingExtraError("a profile of AWS (AWS_PROFILE)", "aws") from error
    profile = f"the profile {environment['AWS_PROFILE']} (AWS_PROFILE)"
    words = f"{profile} gives no credentials, or no valid region"
    try:
        provider = Boto3CredentialProvider()
    except ProfileNotFound as error:
        raise InputError(f"{profile} is not in AWS's configuration") from error
    except ConfigParseError as error:
        raise InputError("AWS's configuration can't be read: it is no INI file") from error
    except (BotoCoreError, ValueError, OSError) as error:
        raise InputError(words) from error
    if not _is_word(provider.config.get("region", "")):
        raise InputError(words)
    return provider


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port = parts.port  # reading it raises where it is no number or too large
    except ValueError:
        return False
    is_complete = parts.scheme in ("http", "https") and bool(parts.hostname)
    return is_complete and port != 0 and _is_word(text)


def _is_word(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text
