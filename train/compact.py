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
from train.networks import NETWORKS
from train.warm import warm_start

BATCH: Final = 256
STEPS: Final = PICTURES // BATCH
WARM_UP: Final = 1  # epochs
STATISTICS: Final = 4096  # pictures that a warm start takes its means and variances from
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
    distinct: int = 20  # epochs of pictures that are made; later ones see them again
    rate: float = 2e-3  # the cosine's top
    decay: float = 0.02
    teachers: tuple[str, ...] = ()  # paths of exported models; their mean answer teaches
    start: str | None = None  # path of an exported model whose weights it begins with


def fit_compact(
    recipe: Recipe, data: Dataset, material: dict[str, Pictures], folder: str
) -> Fitted:
    """Train from the last epoch that `folder` holds, or from the start."""
    keras.utils.set_random_seed(recipe.seed)
    keras.mixed_precision.set_global_policy("mixed_bfloat16")  # weights stay float32
    model = NETWORKS[recipe.network]()
    if recipe.start:
        started = keras.saving.load_model(recipe.start, compile=False)
        warm_start(model, started, data.train.at(slice(STATISTICS)).inputs())
    model.compile(
        optimizer=_optimizer(recipe),
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
        "pictures_per_epoch": PICTURES,
        "optimizer": "AdamW, cosine schedule, averaged weights",
        "loss": "categorical cross-entropy",
        "seconds": round(time.monotonic() - start),
    }
    return Fitted(model, training)


def _optimizer(recipe: Recipe) -> keras.optimizers.Optimizer:
    warm_up = WARM_UP * STEPS
    cosine = keras.optimizers.schedules.CosineDecay(
        recipe.rate / 10,
        recipe.epochs * STEPS - warm_up,
        alpha=0.0,
        warmup_target=recipe.rate,
        warmup_steps=warm_up,
    )
    return keras.optimizers.AdamW(
        cosine, weight_decay=recipe.decay, use_ema=True, ema_momentum=AVERAGED_OVER
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
