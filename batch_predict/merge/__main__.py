"""python -m batch_predict.merge."""

import signal
import sys
from types import FrameType
from typing import NoReturn

from batch_predict.merge.cli import main
from batch_predict.process.utf8_mode import use_utf8


def _end(signum: int, _: FrameType | None) -> None:
    """End in order, so that nothing temporary is left."""
    sys.exit(128 + signum)


def run() -> NoReturn:
    """Run the command line and end the process."""
    use_utf8()
    for each in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(each) is signal.SIG_DFL:  # not ignored, as by nohup
            signal.signal(each, _end)
    sys.exit(main())


if __name__ == "__main__":
    run()
