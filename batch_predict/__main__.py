"""python -m batch_predict."""

import os
from typing import NoReturn

from batch_predict.cli import main
from batch_predict.process.utf8_mode import use_utf8
from batch_predict.temporary_folders import remove_left


def run() -> NoReturn:
    """Run the command line and end the process.

    All outputs are on the disk and all streams are flushed when `main` returns; what Python and
    TensorFlow would still tear down costs as much time as two thousand pictures, and a stopped run
    would wait for the thread that loads its model.
    """
    use_utf8()
    exit_code = main(own_process=True)
    remove_left()
    os._exit(exit_code)


if __name__ == "__main__":
    run()
