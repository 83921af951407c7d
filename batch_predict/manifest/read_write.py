"""The file of a manifest, read and written."""

import json
from contextlib import suppress

from batch_predict.errors import InputError
from batch_predict.manifest.manifest import Manifest
from batch_predict.storage.file_hash import file_sha256
from batch_predict.storage.output_paths import manifest_file
from batch_predict.storage.regular_file import open_regular


def read_manifest(
    csv_path: str, mend: str = "remove it to go on without it"
) -> tuple[str, Manifest | None]:
    """The sha256 of the CSV at `csv_path`, and the manifest beside it; None where there is none.

    `mend` is what an error says to do about a manifest that is of no use.

    Raises:
        InputError: the CSV can't be read, or the manifest can't, lacks a part, or belongs to
            another CSV.
    """
    path = manifest_file(csv_path)
    form = None
    try:
        digest = file_sha256(csv_path)
        with suppress(FileNotFoundError), open_regular(path) as file:
            form = json.load(file)
            if form["csv_sha256"] != digest:
                raise InputError(f"{path} belongs to another CSV; {mend}")
    except OSError as error:
        raise InputError(f"can't read {error.filename}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"{path} is no manifest; {mend}") from error
    if form is None:
        return digest, None
    try:
        return digest, Manifest.from_json(form)
    except ValueError as error:
        raise InputError(f"{path} is no whole manifest: {error}; {mend}") from error


def write_manifest(manifest: Manifest, path: str) -> None:
    """Write `manifest` as JSON; raises OSError where it can't."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump(manifest.to_json(), file, indent=2)
        file.write("\n")
