"""Digits, letters and signs drawn by a pen model, and photos of them, all from a seed."""

from train.drawn.difficulty import Difficulty
from train.drawn.draw import draw_digit, draw_sign
from train.drawn.outliers import draw_outlier
from train.drawn.photo import photograph
from train.drawn.redrawing import redraw

__all__ = ["Difficulty", "draw_digit", "draw_outlier", "draw_sign", "photograph", "redraw"]
