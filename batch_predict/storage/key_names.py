"""What the name of an object or member says: `/` is between its parts, it lies in no folder."""

from collections.abc import Sequence

from batch_predict.storage.exclusion import Exclusion, system_category
from batch_predict.storage.left_out import LeftOut
from batch_predict.storage.picture_names import hidden_category, name_category


def key_category(key: str, exclusion: Exclusion, *, all_files: bool) -> LeftOut | None:
    """The category that the object or member `key` is skipped for; None for a picture."""
    parts = key.split("/")
    hidden = next(filter(None, map(hidden_category, parts)), None)
    if hidden is not None:
        return hidden
    if exclusion and is_excluded(parts, exclusion):
        return LeftOut.EXCLUDED
    systems = (system_category(part, is_folder=True) for part in parts[:-1])
    return next(filter(None, systems), None) or name_category(parts[-1], all_files)


def is_excluded(parts: Sequence[str], exclusion: Exclusion) -> bool:
    """Whether the file, or what would be a folder that it lies in, is excluded."""
    return any(
        exclusion.matches("/".join(parts[:end]), is_folder=end < len(parts))
        for end in range(1, len(parts) + 1)
    )
