"""python -m batch_predict.merge."""

import sys

from batch_predict.merge.cli import main
from batch_predict.process.utf8_mode import use_utf8

use_utf8()
sys.exit(main())
