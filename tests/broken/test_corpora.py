"""Nothing that Pillow and libpng test themselves with crashes, hangs or swells a run."""

import pytest

from batch_predict.errors import ExitCode
from tests.broken.corpora import fetch
from tests.support.command import MEMORY, batch_predict

SECONDS = 600  # for some 1,200 files on a busy machine


@pytest.mark.slow
@pytest.mark.timeout(1200)  # the packages are fetched once
def test_the_pictures_that_decoders_are_tested_with(request, tmp_path):
    corpora = request.config.cache.mkdir("corpora")
    fetch(corpora)
    run = batch_predict(corpora, tmp_path / "out.csv", "--all-files")
    files = [path for path in corpora.rglob("*") if path.is_file() and path.name[0] != "."]
    assert len(files) > 1000
    assert len(run.rows) == len(files) == run.manifest["found"]
    assert run.code == ExitCode.FAILURES
    assert run.said[1].count("\n") == 4  # how many failed and why, examples, and what shows them
    assert run.peak < MEMORY
    assert run.manifest["duration_s"] < SECONDS
