"""The long training: augmented pictures, AdamW, one cosine, averaged weights, a teacher if any."""

import time
from dataclasses import dataclass
from typing import Final

import keras
import tensorflow as tf

from batch_predict.records import CLASSES, SIDE
from train.data import Dataset, Pictures
from train.epochs import PICTURES, Epochs
from train.fit import PREDICT_BATCH, Fitted, memory
from train.registry import build

BATCH: Final = 256
STEPS: Final = PICTURES // BATCH
RATE: Final = 2e-3  # the cosine's top
WARM_UP: Final = 1  # epochs
DECAY: Final = 0.02  # of the weights
AVERAGED_OVER: Final = 0.998  # momentum of the averaged weights

AUGMENTATION: Final = (
    "affine and elastic; stroke width, blur, noise, gaps, lines, few pixels, 1 bit; the families"
    " of MNIST-C in a rendering of our own; drawn and photographed digits and no digits, all as"
    " the normalizer leaves them"
)


@dataclass(frozen=True)
class Recipe:
    """What a long training can be asked for."""

    network: str
    seed: int
    epochs: int
    teachers: tuple[str, ...] = ()  # paths of exported models; their mean answer teaches
    distinct: int = 32  # epochs of pictures that are made; later ones see them again


def fit_compact(
    recipe: Recipe, data: Dataset, material: dict[str, Pictures], folder: str
) -> Fitted:
    """Train from the last epoch that `folder` holds, or from the start."""
    keras.utils.set_random_seed(recipe.seed)
    keras.mixed_precision.set_global_policy("mixed_bfloat16")  # weights stay float32
    model = build(recipe.network)
    model.compile(
        optimizer=_optimizer(recipe.epochs),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    epochs = Epochs(
        {"mnist": data.train, **material}, recipe.seed, recipe.distinct, recipe.teachers
    )
    start = time.monotonic()
    model.fit(
        _stream(epochs),
        steps_per_epoch=STEPS,
        shuffle=False,  # the epochs are shuffled already
        epochs=recipe.epochs,
        validation_data=(data.validation.inputs(), data.validation.one_hot()),
        validation_batch_size=PREDICT_BATCH,
        callbacks=memory(folder),
        verbose=2,
    )
    epochs.close()
    keras.mixed_precision.set_global_policy("float32")
    training = {
        "batch_size": BATCH,
        "rate": RATE,
        "decay": DECAY,
        "pictures_per_epoch": PICTURES,
        "optimizer": "AdamW, cosine schedule, averaged weights",
        "loss": "categorical cross-entropy",
        "seconds": round(time.monotonic() - start),
    }
    return Fitted(model, training)


def _optimizer(epochs: int) -> keras.optimizers.Optimizer:
    warm_up = WARM_UP * STEPS
    cosine = keras.optimizers.schedules.CosineDecay(
        RATE / 10,
        epochs * STEPS - warm_up,
        alpha=0.0,
        warmup_target=RATE,
        warmup_steps=warm_up,
    )
    return keras.optimizers.AdamW(
        cosine, weight_decay=DECAY, use_ema=True, ema_momentum=AVERAGED_OVER
    )


def _stream(epochs: Epochs) -> tf.data.Dataset:
    signature = (
        tf.TensorSpec((BATCH, SIDE, SIDE, 1), tf.float32),
        tf.TensorSpec((BATCH, CLASSES), tf.float32),
    )
    batches = tf.data.Dataset.from_generator(
        lambda: epochs.batches(BATCH), output_signature=signature
    )
    return batches.prefetch(4)
