"""One sample of each digit."""

import numpy as np
from PIL import Image

from tests.conftest import SAMPLES

#: ten arrays (28, 28) uint8, the digit's own at its index
DIGITS = [np.asarray(Image.open(sorted((SAMPLES / str(d)).iterdir())[2])) for d in range(10)]
