"""`python -m train`."""

import sys

from batch_predict.process.utf8_mode import use_utf8
from train.cli import main

if __name__ == "__main__":
    use_utf8()
    sys.exit(main())
