"""`python -m train` in a clone, `batch-predict-train` where it is installed."""

import sys
from typing import NoReturn

from batch_predict.process.utf8_mode import use_utf8

from .cli import main


def run() -> NoReturn:
    """Run the command line and end the process."""
    use_utf8()
    sys.exit(main())


if __name__ == "__main__":
    run()
