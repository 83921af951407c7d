"""The error by which the decoder refuses a file, and the check of a picture's size."""

from batch_predict.records import Code, Reason


class DecodeError(Exception):
    """A file gives no picture; `decode` turns the reason into a `Failure`."""

    def __init__(self, code: Code, words: str) -> None:
        super().__init__(words)
        self.reason = Reason(code, words)


def check_size(width: int, height: int, max_pixels: int) -> None:
    """Raises DecodeError for a picture of more than `max_pixels`, or of none."""
    if width <= 0 or height <= 0:
        raise DecodeError(Code.CORRUPT, f"no pixels: its size is {width} x {height}")
    if width * height > max_pixels:
        raise DecodeError(
            Code.TOO_LARGE, f"{width} x {height} pixels, over the limit of {max_pixels}"
        )
