"""What paces a training: its learning rate as time goes by, its checkpoints and its end."""

import time
from typing import Final

import keras

from .checkpoint import Progress, save_checkpoint
from .schedule import rate, share

CHECKPOINT_S: Final = 60
NO_END: Final = 2**31  # epochs: the clock ends a training

Row = dict[str, float]


class Clock(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Sets the learning rate, and keeps, judges and ends a training of `seconds` or of `steps`.

    An "epoch" is `steps_an_epoch`: so long a rate holds. `top` is the rate at its highest.
    Subclasses count what was seen, and say what is noted of each epoch and judged at a checkpoint.
    """

    def __init__(
        self,
        length: tuple[float, int],
        progress: Progress,
        folder: str,
        steps_an_epoch: int,
        top: float,
    ) -> None:
        super().__init__()
        self._began = time.monotonic() - progress.seconds
        self._kept = self._began  # when the last checkpoint was made
        self._length, self._top = length, top
        self.progress, self.folder, self.steps_an_epoch = progress, folder, steps_an_epoch

    @property
    def share(self) -> float:
        """How far the training is, 0 to 1."""
        return share(self.progress, *self._length)

    def on_train_begin(self, logs: object = None) -> None:
        """Checkpoints are counted from here."""
        del logs
        self._kept = time.monotonic()

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        """The rate."""
        del epoch, logs
        self.model.optimizer.learning_rate = rate(self.share, self._top)

    def on_epoch_end(self, epoch: int, logs: Row | None = None) -> None:
        """A row of figures; now and then a checkpoint and a judgement; the end."""
        del epoch
        progress, now = self.progress, time.monotonic()
        progress.seconds = now - self._began
        progress.steps += self.steps_an_epoch
        row: Row = {"seconds": round(progress.seconds, 1), "steps": progress.steps}
        row |= self.count()
        row |= {name: round(float(value), 5) for name, value in (logs or {}).items()}
        self.note(row)
        done = self.share >= 1
        if done or now - self._kept >= CHECKPOINT_S:
            self._kept = now
            save_checkpoint(self.folder, self.model, progress)
            self.judge(row)
        self.model.stop_training = done

    def count(self) -> Row:
        """Count what an epoch has seen in the progress; figures for its row."""
        raise NotImplementedError

    def note(self, row: Row) -> None:
        """Keep the row of an epoch, or not."""

    def judge(self, row: Row) -> None:
        """Validate the averaged weights, at a checkpoint."""
        raise NotImplementedError
