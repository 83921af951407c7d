"""The outputs of the shards of a run."""

import os
from contextlib import ExitStack
from typing import NamedTuple

from batch_predict.errors import InputError, UsageError
from batch_predict.manifest.read_write import read_manifest
from batch_predict.manifest.run_record import RunRecord
from batch_predict.shard import Shard
from batch_predict.storage import fetched
from batch_predict.storage.output_paths import manifest_file


class Part(NamedTuple):
    """One shard's CSV."""

    csv: str  # its address
    local: str  # where it can be read
    shard: Shard
    record: RunRecord


def read_part(csv: str, until: ExitStack) -> Part:
    """The part at `csv`, by the manifest beside it; it can be read `until` that ends.

    Raises:
        UsageError: it can't be read, has no manifest or another CSV's, or is of no shard.
    """
    if not csv.endswith(".csv"):
        raise UsageError(f"parts are CSVs (those in Parquet are a dataset as they are), not {csv}")
    try:
        beside = os.path.basename(manifest_file(csv))
        local = until.enter_context(fetched(csv, beside)) or csv
        _, manifest = read_manifest(local, mend="run this part again")
    except OSError as error:
        raise UsageError(f"can't read {csv}: {error.strerror}") from error
    except InputError as error:
        raise UsageError(str(error)) from error
    if manifest is None:
        raise UsageError(f"{csv} has no manifest beside it to say which shard it is")
    shard = manifest.record.options.shard
    if shard is None:
        raise UsageError(f"{csv} is no shard: its run was not made with --shard")
    return Part(csv, local, shard, manifest.record)
