"""Digits, letters and signs drawn by a pen model, and photos of them, all from a seed."""

from .difficulty import Difficulty
from .draw import draw_digit, draw_sign
from .outliers import draw_outlier
from .photo import photograph
from .redrawing import redraw

__all__ = ["Difficulty", "draw_digit", "draw_outlier", "draw_sign", "photograph", "redraw"]
