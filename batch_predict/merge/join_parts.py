"""The CSVs of a sharded run -> the one of the whole, with all that lies beside it."""

import heapq
import platform
import shlex
import sys
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from batch_predict.drift.baseline import find_baseline
from batch_predict.errors import ExitCode
from batch_predict.manifest import gates, manifest, summary
from batch_predict.merge.parts import check, read_part, together
from batch_predict.options import Options
from batch_predict.outputs import report
from batch_predict.process.output_lock import locked
from batch_predict.runtimes.model_file import find_model
from batch_predict.storage.output_paths import lock_file, manifest_file
from batch_predict.storage.staging import sha256, staging
from batch_predict.tables import find_writer
from batch_predict.tables.csv_table import read


def merge(csvs: Sequence[str], output: str, **demands: Any) -> ExitCode:
    """Join the parts at `csvs` and write everything beside `output`; `demands` are gates.

    Raises:
        UsageError: they are not the whole of one run, or no CSVs.
        LockedError, ModelError, OutputError: as a run raises them.
    """
    write = find_writer(output)
    parts = sorted((read_part(csv) for csv in csvs), key=lambda part: part.shard.index)
    check(parts)
    first = parts[0].about
    options = Options(first["in_dir"], output, **demands)
    model = find_model(first["arguments"]["model"], first["arguments"]["review_below"])
    baseline = find_baseline(options.baseline, model, needed=options.max_drift is not None)
    about = first | together(parts, baseline)
    about |= {"output": output, "command": shlex.join(sys.orig_argv), "host": platform.node()}
    about["arguments"] = first["arguments"] | {"output": output, "shard": None, **demands}
    with locked(lock_file(options.output)), staging(output) as staged:
        csv = staged.add(output)
        rows = heapq.merge(*(read(part.local) for part in parts), key=attrgetter("ref.path"))
        has_truth = first["truth_source"] is not None
        write(csv, rows, truth=has_truth, probabilities=first["arguments"]["probabilities"])
        about["csv_sha256"] = sha256(csv)
        about |= report(options, about, csv, staged)
        about["exit_code"], missed = gates.judge(options, about)
        manifest.write(about, staged.add(manifest_file(options.output)))
        staged.commit()
    summary.say(about, missed, quiet=False)
    return ExitCode(about["exit_code"])
