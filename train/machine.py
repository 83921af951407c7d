"""The machine that a training runs on."""

import os
import platform
import shutil
import subprocess
from typing import Any

import keras


def accelerated() -> bool:
    """Whether Keras's backend has a GPU or TPU."""
    if keras.backend.backend() == "torch":
        import torch

        return bool(torch.cuda.is_available())
    return not keras.distribution.list_devices()[0].lower().startswith("cpu")


def machine() -> dict[str, Any]:
    """What a card says of it: no host's name."""
    found = {
        "cores": os.cpu_count(),
        "processor": platform.machine(),
        "backend": keras.backend.backend(),
    }
    if accelerated() and (tool := shutil.which("nvidia-smi")):
        query = [tool, "--query-gpu=name", "--format=csv,noheader"]
        asked = subprocess.run(query, capture_output=True, text=True, check=False, timeout=30)
        found["accelerator"] = asked.stdout.strip()
    return found
