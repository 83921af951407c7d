"""What can be shown of a file that failed: the pixels that are there, in a process of its own.

The file may be what crashed its decoder, hung it or took all memory. So it is read by a process
that may end in any of these ways: this module, the file on stdin, the picture on stdout.
"""

import io
import resource
import subprocess
import sys
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

_CPU_SECONDS: Final = 10  # that a broken file gets, however busy the machine; most take a tenth
_SECONDS: Final = 100  # by the clock, for one that hangs
# No other is tried, as in `decode/formats.py`: some start a program (EPS starts Ghostscript).
_FORMATS: Final = (
    *("AVIF", "BMP", "DIB", "GIF", "ICO", "JPEG", "JPEG2000"),
    *("PCX", "PNG", "PPM", "TGA", "TIFF", "WEBP"),
)
_MEMORY: Final = 4 << 30  # bytes of addresses that it gets; decoded, 200 megapixels take 0.8 GB


def broken_picture(data: bytes, side: int) -> NDArray[np.uint8] | None:
    """What Pillow decodes of `data`: (h, w, 3), at most `side` high and wide; None: nothing."""
    limits = map(str, (side, _CPU_SECONDS))
    command = [sys.executable, "-P", __file__, *limits]  # not its folder, nor ours, is searched
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):  # killed, too slow, or it is no picture
        return None
    with Image.open(io.BytesIO(done.stdout)) as image:
        shown = np.asarray(image)
    # Where no pixel came, all are of one colour: of such a picture there is nothing to see.
    return None if (shown == shown[0, 0]).all() else shown


def _decoded(data: bytes, side: int) -> bytes:
    """The picture in `data` as PNG; raises whatever Pillow does."""
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    Image.MAX_IMAGE_PIXELS = None  # memory is limited otherwise
    image = Image.open(io.BytesIO(data), formats=_FORMATS)
    image.draft("RGB", (side, side))
    shown = image.convert("RGB")
    shown.thumbnail((side, side))
    file = io.BytesIO()
    shown.save(file, "png")
    return file.getvalue()


if __name__ == "__main__":
    longest_side, seconds = map(int, sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    sys.stdout.buffer.write(_decoded(sys.stdin.buffer.read(), longest_side))
