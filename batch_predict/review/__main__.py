"""python -m batch_predict.review: makes the page on which a person settles a run's doubts."""

import sys
from typing import NoReturn

from batch_predict.process.utf8_mode import use_utf8
from batch_predict.review.cli import main


def run() -> NoReturn:
    """Run the command line and end the process."""
    use_utf8()
    sys.exit(main())


if __name__ == "__main__":
    run()
