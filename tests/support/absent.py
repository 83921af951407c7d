"""Processes in which packages can't be imported, as where they are not installed."""

import os
from collections.abc import Mapping
from pathlib import Path

from tests.conftest import ROOT


def without(folder: Path, *packages: str, program: Path = ROOT) -> Mapping[str, str]:
    """An environment for a Python whose processes lack `packages`; the program lies in `program`.

    Python imports `sitecustomize`, which is put into `folder`, as it starts, and takes None in
    `sys.modules` for what is not there.
    """
    (folder / "sitecustomize.py").write_text(
        f"import sys\nsys.modules.update(dict.fromkeys({packages}))\n"
    )
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(program)])}
