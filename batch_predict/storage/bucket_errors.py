"""What obstore raises, as errors in words of ours: a store's own may hold signed addresses."""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from obstore.exceptions import BaseError, InvalidPathError

from batch_predict.storage.registry import ChangedError

_STATUS: Final = re.compile(r"status code: (\d{3})")
_WHY: Final = {
    "401": "access is denied: check the credentials",
    "403": "access is denied: check the credentials",
    "404": "there is no such bucket",
}


def changed(address: str) -> ChangedError:
    """That an object at `address` is not what was listed."""
    return ChangedError(errno.ESTALE, "the object changed after it was listed", address)


@contextmanager
def as_os_error(address: str) -> Iterator[None]:
    """Turns what obstore raises for a request into OSError with our own words."""
    try:
        yield
    except FileNotFoundError as error:
        raise FileNotFoundError(errno.ENOENT, "there is no such object", address) from error
    except BaseError as error:
        raise OSError(errno.EIO, error_words(error), address) from error
    except BaseException as error:
        if not is_panic(error):
            raise
        raise OSError(errno.EIO, error_words(error), address) from error


def is_panic(error: BaseException) -> bool:
    """Whether obstore's code in Rust gave up: no `Exception`, and of a class that has no name."""
    return type(error).__name__ == "PanicException"


def error_words(error: BaseException) -> str:
    """What failed."""
    if is_panic(error):
        return "a setting of the store, in the environment or a profile, is not valid"
    if isinstance(error, InvalidPathError):
        return "a key has an empty part, a part '.' or '..', or a control character"
    status = _STATUS.search(str(error))
    return _WHY.get(status[1] if status else "", "the store does not answer as it should")
