# %%
"""Predictions in a notebook: `batch_predict.predict` reads digits from files and from arrays.

Jupyter (with jupytext) and VS Code open this file in cells; as a script it prints what they show.
Run it in the folder that holds `sample_images`. It shows tables by pandas (`pip install pandas`).
"""

from pathlib import Path

import numpy as np
import pandas as pd

import batch_predict

# %% [markdown]
# Files: any picture that the command reads. `onnx` starts at once; leave `runtime` out for Keras.

# %%
paths = sorted(Path("sample_images").glob("*/*.png"))[::10]
predictions = batch_predict.predict(paths, runtime="onnx")
table = pd.DataFrame(predictions, index=[path.name for path in paths])
print(table[["label", "confidence", "status", "reason"]])

# %% [markdown]
# Arrays: pictures that the notebook has made or loaded, uint8, (n, h, w) or (n, h, w, 3). A picture
# with nothing written on it is `blank` and has no label.

# %%
pictures = np.full((2, 100, 80), 255, np.uint8)
pictures[0, 15:85, 37:43] = 40  # a stroke: 1
for prediction in batch_predict.predict(pictures, runtime="onnx"):
    print(prediction.label, prediction.status, prediction.reason)

# %% [markdown]
# What a person should look at, the least sure first:

# %%
doubtful = table[table.status != "ok"].sort_values("confidence")
print(f"{len(doubtful)} of {len(table)} for a person to look at")
