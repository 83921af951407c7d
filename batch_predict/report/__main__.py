"""python -m batch_predict.report: makes the report from a CSV, without scoring again."""

import sys

from batch_predict.report.cli import main

sys.exit(main())
