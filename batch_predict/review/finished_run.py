"""A finished run, opened for a person to look at its pictures."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from batch_predict.errors import InputError
from batch_predict.manifest.model_used import ModelUsed
from batch_predict.manifest.read_write import read_manifest
from batch_predict.options import Options
from batch_predict.prepare import Prepare
from batch_predict.records import ImageRef, Picture, Views
from batch_predict.report.seen_again import SeenAgain
from batch_predict.review.cards import CardMaker
from batch_predict.review.page import PageFacts
from batch_predict.review.review_rows import ReviewRow
from batch_predict.storage import fetched
from batch_predict.storage.output_paths import decisions_file, manifest_file
from batch_predict.storage.regular_file import check_regular
from batch_predict.tables.registry import input_errors
from batch_predict.tables.times import time_text


@dataclass(frozen=True)
class FinishedRun:
    """What the output and the manifest beside it say."""

    csv: str  # the output, of any form
    csv_sha256: str
    options: Options  # `in_dir` is where the pictures are now
    model: ModelUsed
    started: datetime  # the run
    new: frozenset[str]  # paths of what was not in doubt in the run before
    output: str  # as the run wrote it: the same, wherever the output lies now

    def facts(self) -> PageFacts:
        """What its page says of it, made now."""
        return PageFacts(
            csv=os.path.basename(self.csv),
            csv_sha256=self.csv_sha256,
            source=hashlib.sha256(os.path.abspath(self.output).encode()).hexdigest(),
            made=time_text(datetime.now(UTC)),
            saved_name=os.path.basename(decisions_file(self.csv)),
        )

    def card_maker(self, look: Callable[[Picture], Views] | None = None) -> CardMaker:
        """What makes the cards of its pictures: as `look` has them; None: as the networks saw them.

        Raises:
            InputError: their folder is gone.
        """
        in_dir = self.options.in_dir
        if "://" not in in_dir and not os.path.exists(in_dir):
            raise InputError(f"{in_dir} is not there: say with --in-dir where its pictures are now")
        prepare = Prepare.of(self.options)
        views = look or SeenAgain(self.options, self.model).views

        def see(row: ReviewRow, data: bytes) -> Views | None:
            picture = prepare.decoded(ImageRef(row.path), data)
            return None if picture is None else views(picture)

        return CardMaker(prepare.source, see, self.new, self.started)


def as_found(picture: Picture) -> Views:
    """`picture` alone, without what the networks made of it."""
    return Views(picture.pixels, None, None)


def check_there(csv: str) -> None:
    """Raises InputError where there is no output `csv`: said before a lock is made beside it."""
    if "://" in csv:  # `fetched_table` says so
        return
    with input_errors(csv):
        check_regular(csv)


@contextmanager
def fetched_table(csv: str) -> Iterator[str]:
    """In the block, a path at which the output `csv` lies on this machine, its manifest beside it.

    Raises:
        InputError: there is none, or it can't be fetched.
    """
    with ExitStack() as until_the_end:
        try:
            beside = os.path.basename(manifest_file(csv))
            table = until_the_end.enter_context(fetched(csv, beside))
        except OSError as error:
            raise InputError(f"can't read {csv}: {error.strerror or error}") from error
        if table is None:
            raise InputError(f"can't read {csv}: there is no such file")
        yield table


def finished_run(csv: str, in_dir: str | None, table: str | None = None) -> FinishedRun:
    """The run that wrote `csv`, which lies at the path `table` where it was fetched.

    `in_dir` is where its pictures are now, None: where they were.

    Raises:
        InputError: output or manifest can't be read, or don't belong together.
    """
    digest, manifest = read_manifest(table or csv)
    if manifest is None:
        raise InputError(
            f"{csv} has no manifest beside it, which says where its pictures are: run again"
        )
    record = manifest.record
    options, since = record.options, record.new_since_last
    return FinishedRun(
        csv,
        digest,
        replace(options, in_dir=in_dir or options.in_dir),
        record.model,
        record.times.started,
        frozenset(since.paths if since and since.last else ()),
        options.output,
    )
