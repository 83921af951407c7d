"""python -m batch_predict.report: makes the report from a CSV, without scoring again."""

import sys
from typing import NoReturn

from batch_predict.process.utf8_mode import use_utf8
from batch_predict.report.cli import main


def run() -> NoReturn:
    """Run the command line and end the process."""
    use_utf8()
    sys.exit(main())


if __name__ == "__main__":
    run()
