"""python -m batch_predict."""

import sys

from batch_predict.cli import main

if __name__ == "__main__":
    sys.exit(main())
