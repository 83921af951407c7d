"""What is written by hand on a page: the digit that counts, and what stands around it."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from batch_predict.opencv import cv2
from batch_predict.records import CLASSES, EMPTY, OTHER, PIXEL_MAX

from ..data import Pictures
from ..drawn.arrays import Floats, Ink, f32
from ..drawn.draw import pick
from ..drawn.pen import Pen
from ..drawn.redrawing import redraw
from .page import Page
from .rulings import Room
from .sample import INK, WRITING
from .strokes import Rng, Strokes, digit_strokes, scratch_strokes, sign_strokes

PENS: Final = {  # widths are shares of the digit's height
    "ballpoint": Pen(6, 0.012, 0.05, 0.15, 0.15, 0.0, 0.25, 0.10),
    "gel pen": Pen(3, 0.03, 0.06, 0.08, 0.05, 0.0, 0.0, 0.02),
    "pencil": Pen(4, 0.015, 0.09, 0.35, 0.4, 0.1, 0.75, 0.06),
    "felt pen": Pen(4, 0.06, 0.13, 0.12, 0.1, 0.0, 0.0, 0.0),
    "marker": Pen(3, 0.12, 0.24, 0.08, 0.0, 0.3, 0.08, 0.0),
    "fountain": Pen(1, 0.03, 0.09, 0.25, 0.2, 0.5, 0.0, 0.03),
    "brush": Pen(1, 0.07, 0.2, 0.4, 0.7, 0.3, 0.2, 0.0),
}
CHALK: Final = Pen(1, 0.04, 0.14, 0.2, 0.1, 0.2, 0.8, 0.04)
ROUND: Final = Pen(1, 0.02, 0.2, 0.0, 0.0, 0.0, 0.0, 0.0)  # a drawing program's
INKS: Final = (  # transmittance of red, green, blue, and how often
    (9, (0.08, 0.08, 0.10)), (7, (0.10, 0.16, 0.62)), (3, (0.16, 0.22, 0.48)),
    (2, (0.80, 0.10, 0.14)), (1, (0.12, 0.50, 0.22)), (1, (0.45, 0.15, 0.60)),
    (1, (0.10, 0.60, 0.80)), (0.5, (0.92, 0.50, 0.10)), (3, (0.38, 0.38, 0.40)),
)  # fmt: skip

COARSE: Final = 64  # px, the height at which a traced digit is compared with its own
NEAR: Final = 9  # px of that: so near to the trace, ink is not lost
LOST: Final = 0.08  # of a digit's ink: a trace that loses more is another digit


@dataclass(frozen=True)
class Tool:
    """One pen in one hand: what it leaves on this page."""

    pen: Pen
    colour: Floats  # (3,) of full ink on this page
    strength: float  # 0 to 1


def ink_tool(rng: Rng, page: Page, faint: float) -> Tool:
    """A pen on paper; at `faint` 1 it stands out by some ten grey levels."""
    pen = pick(rng, [(each.weight, each) for each in PENS.values()])
    ground = page.light.mean(axis=(0, 1))
    tint = f32(pick(rng, INKS)) * np.float32(rng.uniform(0.6, 1.6))
    if pen is PENS["pencil"]:
        tint = f32(np.full(3, rng.uniform(0.2, 0.6))) * f32([0.98, 0.99, 1.02])
    stain = f32(ground * np.clip(tint, 0.02, 1))
    strength = rng.uniform(0.75, 1)
    if faint:
        contrast = max(float(np.abs(ground - stain).mean()), 0.02)
        strength = min(strength, (14 + 90 * (1 - faint) ** 2) / PIXEL_MAX / contrast)
    return Tool(pen, stain, float(strength))


def light_tool(rng: Rng, pen: Pen) -> Tool:
    """Chalk or a light pen on a dark ground."""
    hue = f32((0.92, 0.92, 0.88)) * f32(1 - 0.5 * rng.random(3) * (rng.random() < 0.3))
    return Tool(pen, hue, float(rng.uniform(0.45, 1)))


def put(rng: Rng, page: Page, strokes: Strokes, tool: Tool, kind: int, room: Room) -> None:
    """Writes strokes."""
    mask, fullness = page.strokes(strokes, room.at, room.height)
    _lay(rng, page, mask, tool, kind, fullness)


def _lay(rng: Rng, page: Page, mask: Ink, tool: Tool, kind: int, fullness: float = 1.0) -> None:
    tooth = _tooth(rng, page, tool.pen.grain) if tool.pen.grain else None
    if tool.pen.narrowest >= 0.06 and rng.random() < 0.3:  # felt pens bleed into the paper
        spread = page.px(1.0) * rng.uniform(0.001, 0.008)
        soft = np.asarray(cv2.GaussianBlur(mask, (0, 0), max(spread, 0.3)), np.uint8)
        page.tint(soft, tool.colour, tool.strength * rng.uniform(0.2, 0.6), tooth)
    page.lay(mask, kind, tool.colour, tool.strength * fullness, tooth)


def _tooth(rng: Rng, page: Page, grain: float) -> Floats:
    """How much ink the paper takes, (h, w): specks as fine as the picture's pixels, and coarser."""
    height, width = page.size
    coarse = rng.uniform(1, 4)
    knots = rng.random((round(height / coarse) + 1, round(width / coarse) + 1), np.float32)
    specks = f32(cv2.resize(knots, (width, height), interpolation=cv2.INTER_LINEAR))
    keep = np.clip((specks - 0.5) * 4 + rng.uniform(0.4, 1.1), 0, 1)
    much = grain * rng.uniform(0.3, 1)
    return f32(1 - much + much * keep)


def digit(rng: Rng, page: Page, mnist: Pictures, tool: Tool, room: Room) -> int:
    """Writes the digit that counts; its label."""
    if rng.random() < 0.5:
        place = int(rng.integers(len(mnist.labels)))
        label = int(mnist.labels[place])
        tall = page.px(room.height)
        low, high = tool.pen.narrowest, tool.pen.widest
        width = None if rng.random() < 0.3 else max(tall * rng.uniform(low, high), 3.0)
        ink = _traced(mnist.pixels[place], max(8, round(tall)), width)
        mask = page.stamp(ink, room.at)
        _lay(rng, page, mask, tool, INK)
        return label
    label = int(rng.integers(CLASSES))
    strokes = digit_strokes(rng, label, tool.pen)
    put(rng, page, strokes, tool, INK, room)
    if rng.random() < 0.03:  # gone over a second time
        again = Strokes(
            strokes.path + f32(rng.normal(0, 0.012, strokes.path.shape[1])),
            strokes.widths,
            strokes.stroke,
        )
        put(rng, page, again, tool, INK, room)
    return label


def _traced(picture: Ink, tall: int, width: float | None) -> Ink:
    """An MNIST digit with another pen; with its own where the pen would lose a part of it."""
    ink = redraw(picture, tall, width)
    own = redraw(picture, COARSE)
    again = cv2.resize(ink, own.shape[::-1], interpolation=cv2.INTER_AREA)
    near = cv2.dilate(again, np.ones((NEAR, NEAR), np.uint8))
    there = int(np.count_nonzero(own > 200))
    lost = int(np.count_nonzero((own > 200) & (near < 40)))
    return redraw(picture, tall) if lost > LOST * there else ink


def sign(rng: Rng, page: Page, tool: Tool, room: Room) -> int:
    """Letters, signs, scratches or digits of equal weight: nothing of it counts."""
    way = rng.random()
    if way < 0.6:
        put(rng, page, sign_strokes(rng, tool.pen), tool, WRITING, room)
    elif way < 0.75:
        put(rng, page, scratch_strokes(rng, tool.pen), tool, WRITING, room)
    else:
        count = int(rng.integers(2, 5))
        tall = room.height * rng.uniform(0.5, 0.9)
        for i in range(count):
            beside = f32(
                [(i - (count - 1) / 2) * tall * rng.uniform(0.6, 1.0), rng.normal(0, 0.05) * tall]
            )
            number = digit_strokes(rng, int(rng.integers(CLASSES)), tool.pen)
            if way > 0.9:
                number = sign_strokes(rng, tool.pen)
            put(rng, page, number, tool, WRITING, Room(f32(room.at + beside), tall))
    return OTHER


def neighbours(rng: Rng, page: Page, tool: Tool, room: Room) -> None:
    """Other writing: the next digit cut by the frame, smaller writing, something crossed out."""
    way = rng.random()
    if way < 0.55:  # the next digit of the row or the column, cut by the frame
        side, axis = rng.choice([-1.0, 1.0]), int(rng.random() < 0.3)
        tall = room.height * rng.uniform(0.7, 1.2)
        inside = tall * rng.uniform(-0.15, 0.32)
        at = room.at + f32(rng.normal(0, 0.08, 2))
        at[axis] = side * (page.half[axis] + tall * 0.35 - inside)
        if abs(at[axis] - room.at[axis]) > 0.45 * room.height + 0.3 * tall:
            put(rng, page, _other(rng, tool), tool, WRITING, Room(f32(at), tall))
    elif way < 0.8:  # small writing beside it
        tall = room.height * rng.uniform(0.1, 0.45)
        start = rng.uniform(-1, 1, 2) * page.half
        for i in range(int(rng.integers(1, 7))):
            at = f32(start + f32([i * 0.8, rng.normal(0, 0.05)]) * tall)
            if np.abs(at - room.at).max() > 0.6 * room.height + 0.4 * tall:
                put(rng, page, _other(rng, tool), tool, WRITING, Room(at, tall))
    else:  # crossed out beside it
        tall = room.height * rng.uniform(0.4, 1.0)
        side = f32([rng.choice([-1.0, 1.0]) * rng.uniform(0.9, 1.4), rng.normal(0, 0.2)])
        at = f32(room.at + side * (room.height + tall) / 2)
        put(rng, page, _other(rng, tool), tool, WRITING, Room(at, tall))
        put(rng, page, scratch_strokes(rng, tool.pen), tool, WRITING, Room(at, tall * 0.9))


def _other(rng: Rng, tool: Tool) -> Strokes:
    if rng.random() < 0.5:
        return digit_strokes(rng, int(rng.integers(CLASSES)), tool.pen)
    return sign_strokes(rng, tool.pen)


def shine_through(rng: Rng, page: Page, tool: Tool) -> None:
    """Writing on the back of the sheet: pale, soft, mirrored, and no part of the truth."""
    for _ in range(int(rng.integers(1, 4))):
        tall = rng.uniform(0.2, 0.9)
        strokes = _other(rng, tool)
        mirrored = strokes._replace(path=strokes.path * f32([-1, 1]))
        mask, _ = page.strokes(mirrored, f32(rng.uniform(-1, 1, 2) * page.half), tall)
        soft = cv2.GaussianBlur(mask, (0, 0), page.px(1.0) * rng.uniform(0.003, 0.012))
        pale = tool.strength * rng.uniform(0.03, 0.12)
        page.tint(np.asarray(soft, np.uint8), tool.colour, pale)


def corrected(rng: Rng, page: Page, room: Room) -> None:
    """White fluid or tape under the digit; nothing of it is ink."""
    half = np.float32(room.height / 2) * f32(rng.uniform(0.6, 1.4, 2))
    corners = f32([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half + room.at
    mask = page.blank()
    wavy = page.project(corners + rng.normal(0, 0.02, (4, 2)))
    cv2.fillPoly(mask, [wavy.astype(np.int32).reshape(-1, 1, 2)], PIXEL_MAX, cv2.LINE_AA)
    page.tint(mask, f32(rng.uniform(0.88, 1.0, 3)), rng.uniform(0.5, 1))


def write(rng: Rng, page: Page, mnist: Pictures, tool: Tool, room: Room) -> int:
    """A digit mostly; now and then a sign, or nothing. The picture's label."""
    what = rng.random()
    if what < 0.04:
        return EMPTY
    if what < 0.12:
        return sign(rng, page, tool, room)
    if rng.random() < 0.02:
        corrected(rng, page, room)
    if rng.random() < 0.28:
        neighbours(rng, page, tool, room)
    return digit(rng, page, mnist, tool, room)
