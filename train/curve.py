"""The learning curve: a training's history as a picture."""

import os


def draw_curve(folder: str) -> str:
    """`folder`/history.csv -> `folder`/curve.png, whose path is returned."""
    import matplotlib as mpl
    import pandas as pd

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    history = pd.read_csv(os.path.join(folder, "history.csv"))
    figure, (losses, accuracies) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    for axes, measure in ((losses, "loss"), (accuracies, "accuracy")):
        axes.plot(history["epoch"] + 1, history[measure], label="training")
        axes.plot(history["epoch"] + 1, history[f"val_{measure}"], label="validation")
        axes.set(xlabel="epoch", ylabel=measure)
        axes.legend()
    losses.set_yscale("log")
    path = os.path.join(folder, "curve.png")
    figure.savefig(path, dpi=100)
    plt.close(figure)
    return path
