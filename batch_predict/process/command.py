"""What a person types to start a part of the program."""

import os
import sys


def command_of(part: str = "") -> str:
    """The command of `part`, such as "review", or of a run, in the form that started this process.

    Where the program is installed, `python` may be another's; in a clone, it may be all there is.
    """
    if os.path.basename(sys.argv[0]).startswith("batch-predict"):
        return f"batch-predict-{part}".rstrip("-")
    return f"python -m batch_predict.{part}".rstrip(".")
