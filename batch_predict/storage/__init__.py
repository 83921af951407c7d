"""Where files lie, a folder, a bucket or an archive: walking, reading, and outputs put in place."""

from batch_predict.storage.archives.archive import MemberError
from batch_predict.storage.inputs import open_input
from batch_predict.storage.listing import Listing
from batch_predict.storage.registry import (
    STORAGES,
    ChangedError,
    Content,
    Source,
    Storage,
    fetched,
    local,
    locate,
    open_storage,
    survives_fork,
)

__all__ = [
    "STORAGES",
    "ChangedError",
    "Content",
    "Listing",
    "MemberError",
    "Source",
    "Storage",
    "fetched",
    "local",
    "locate",
    "open_input",
    "open_storage",
    "survives_fork",
]
