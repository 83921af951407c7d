import subprocess
import sys

import kubernetes_validate
import yaml

from tests.conftest import ROOT


def test_the_kubernetes_job_is_valid() -> None:
    job = yaml.safe_load((ROOT / "docs" / "kubernetes-job.yaml").read_text())
    kubernetes_validate.validate(job, "1.31", strict=True)


def test_the_table_is_the_scripts() -> None:
    command = [sys.executable, "docs/scaling.py"]
    table = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert table in (ROOT / "docs" / "scaling.md").read_text()
