"""python -m batch_predict with the fake runtime in the default one's place."""

import sys

from batch_predict.cli import main
from batch_predict.runtimes import RUNTIMES

if __name__ == "__main__":
    RUNTIMES["keras"] = "tests.fakes:load"
    sys.exit(main())
