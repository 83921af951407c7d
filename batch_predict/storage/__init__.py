"""Where files lie, a folder or a bucket: walking, naming, reading, and outputs put in place."""

from batch_predict.storage.registry import (
    STORAGES,
    Content,
    Listing,
    Storage,
    fetch,
    local,
    locate,
    open_storage,
    survives_fork,
)

__all__ = [
    "STORAGES",
    "Content",
    "Listing",
    "Storage",
    "fetch",
    "local",
    "locate",
    "open_storage",
    "survives_fork",
]
