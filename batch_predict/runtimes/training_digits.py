"""Which pictures a model learned from, as far as its card says."""

import hashlib
import io
import logging
import os
from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.runtimes.model_file import ModelFile
from batch_predict.storage.regular_file import open_regular

_LOGGER: Final = logging.getLogger(__name__)
#: the field of a card: the `file` beside the model, and its `sha256`
FIELD: Final = "training_digits"


def training_digits(model: ModelFile) -> NDArray[np.int64] | None:
    """The pixel hashes of the pictures that `model` learned from, sorted; None: it is not known.

    A file that is not there, as where a model was copied without it, is no error; one that is not
    what the card names is a warning, for no row depends on it.
    """
    named = (model.card or {}).get(FIELD)
    if named is None:
        return None
    try:
        with open_regular(os.path.join(os.path.dirname(model.path), named["file"])) as file:
            content = file.read()
        if hashlib.sha256(content).hexdigest() != named["sha256"]:
            raise ValueError(f"{named['file']} is not the file that its card names")
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            found: NDArray[np.int64] = arrays["pixel_hashes"]
    except FileNotFoundError as error:
        _LOGGER.info("not known which pictures the model learned from: %s", error)
        return None
    except (OSError, ValueError, LookupError, TypeError) as error:
        _LOGGER.warning("not known which pictures the model %s learned from: %s", model.path, error)
        return None
    return found
