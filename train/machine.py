"""The machine that a training runs on."""

import os
import platform
import shutil
import subprocess
from typing import Any, Final

import keras

CPU_INFO: Final = "/proc/cpuinfo"


def accelerated() -> bool:
    """Whether Keras's backend has a GPU or TPU."""
    if keras.backend.backend() == "torch":
        import torch

        return bool(torch.cuda.is_available())
    return not keras.distribution.list_devices()[0].lower().startswith("cpu")


def scans() -> bool:
    """Whether many steps are quickest as one call: where a step takes a device less time than
    Python takes to start it, and the backend is JAX, which can."""
    return keras.backend.backend() == "jax" and accelerated()


def quickest_policy() -> str:
    """The dtype policy that a network is quickest trained with; weights stay float32."""
    slow = keras.backend.backend() == "jax" and not accelerated()  # XLA's bfloat16 on a CPU
    return "float32" if slow else "mixed_bfloat16"


def processor() -> str:
    """Its name as Linux has it, and whether it knows AVX-512; elsewhere the kind alone."""
    if not os.path.exists(CPU_INFO):
        return platform.machine()
    with open(CPU_INFO, encoding="utf-8") as file:
        lines = [line.partition(":") for line in file]
    told = {name.strip(): value.strip() for name, _, value in lines}
    wide = ", AVX-512" if "avx512f" in told.get("flags", "").split() else ""
    return told.get("model name", platform.machine()) + wide


def machine() -> dict[str, Any]:
    """What a card says of it: no host's name."""
    found = {
        "cores": os.cpu_count(),
        "processor": processor(),
        "backend": keras.backend.backend(),
    }
    if accelerated() and (tool := shutil.which("nvidia-smi")):
        query = [tool, "--query-gpu=name", "--format=csv,noheader"]
        asked = subprocess.run(query, capture_output=True, text=True, check=False, timeout=30)
        found["accelerator"] = asked.stdout.strip()
    return found
