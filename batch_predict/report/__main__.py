"""python -m batch_predict.report: makes the report from a CSV, without scoring again."""

import sys

from batch_predict.process.utf8_mode import use_utf8
from batch_predict.report.cli import main

use_utf8()
sys.exit(main())
