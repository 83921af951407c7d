"""How the program is called that these modules are: of a clone, or installed."""

from typing import Final

#: what its messages begin with
PROGRAM: Final = "python -m train" if __package__ == "train" else "batch-predict-train"
