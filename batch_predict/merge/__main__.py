"""python -m batch_predict.merge."""

import sys

from batch_predict.merge.cli import main

sys.exit(main())
