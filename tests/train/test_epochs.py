"""What a teacher answers enters the targets, on whatever scale it takes pixels."""

import cv2
import numpy as np
import pytest

from tests.support import own_models
from train import epochs
from train.data import Pictures


@pytest.mark.parametrize("scale", ["float", "rescaled", "-1 to 1", "dark ink, bytes"])
def test_a_teacher_sees_pixels_on_its_own_scale(tmp_path, monkeypatch, scale):
    monkeypatch.setenv("TF_SET_ONEDNN_FPMATH_MODE", "")
    monkeypatch.setattr(cv2, "setNumThreads", lambda count: None)
    monkeypatch.setattr(epochs, "PICTURES", 50)
    monkeypatch.setattr(epochs, "SHARES", {"mnist": epochs.Share(1.0, 0.0, taught=1.0)})
    teacher = own_models.make("sequential", (28, 28, 1), "softmax", scale)
    path = own_models.save(teacher, tmp_path / "teacher.keras")
    pixels, labels = own_models.digits()
    digits = Pictures(np.rint(pixels[..., 0] * 255).astype(np.uint8), labels.astype(np.uint8))
    epochs._start_worker({"mnist": digits}, 1, [str(path)])
    epoch = epochs._make(0)
    wanted = own_models.expected((epoch.pixels[..., None] / 255).astype(np.float32))
    np.testing.assert_allclose(epoch.targets, wanted, atol=2e-3)  # float16
