"""A ref -> what the model will see of its file: read, decode, normalize."""

from dataclasses import dataclass

from batch_predict import storage
from batch_predict.decode import decode
from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.normalize.pipeline import normalize
from batch_predict.records import Blank, Code, Failure, ImageRef, Picture, Prepared, Reason


@dataclass(frozen=True)
class Prepare:
    """The pure, picklable step that every engine runs; a failure is a value."""

    in_dir: str
    max_pixels: int
    preprocess: Preprocess
    polarity: Polarity

    def __call__(self, ref: ImageRef) -> Prepared | Blank | Failure:
        """What became of `ref`'s file."""
        picture = self.picture(ref)
        if isinstance(picture, Failure):
            return picture
        return normalize(picture, self.preprocess, self.polarity)

    def picture(self, ref: ImageRef) -> Picture | Failure:
        """`ref`'s file as upright pixels."""
        if ref.path.endswith("/"):
            return Failure(ref, Reason(Code.UNREADABLE, "the folder can't be listed"))
        try:
            data = storage.read(self.in_dir, ref.path)
        except FileNotFoundError:
            return Failure(ref, Reason(Code.VANISHED, "the file was gone when its turn came"))
        except OSError:
            return Failure(ref, Reason(Code.UNREADABLE, "the file can't be read"))
        return decode(ref, data, self.max_pixels)
