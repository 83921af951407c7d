"""Where files lie, a folder or a bucket: walking, naming, reading, and outputs put in place."""

from batch_predict.storage.registry import (
    STORAGES,
    ChangedError,
    Content,
    Listing,
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
    "Storage",
    "fetched",
    "local",
    "locate",
    "open_storage",
    "survives_fork",
]
