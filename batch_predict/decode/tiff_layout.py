"""How a TIFF lays out its samples, and who reads that: a table of what was seen to be right.

TIFF leaves its writers a product of a dozen fields. Pillow takes some of it for what it is not (16
bits in planes, unsigned 32 bits, big-endian and compressed), without a word. So a layout is read by
Pillow only where it is in this table; others by `tiff_samples`; and what neither reads right is
`unsupported`. `tests/decode/test_tiff_layouts.py` sweeps the product.
"""

from typing import Final, NamedTuple, TypeAlias

from batch_predict.decode.decode_error import DecodeError
from batch_predict.decode.tiff import Tag, Tags
from batch_predict.records import Code

NONE, CCITT_RLE, GROUP_3, GROUP_4, LZW, OLD_JPEG, JPEG = range(1, 8)
DEFLATE, PACKBITS, OLD_DEFLATE, LZMA, ZSTD = 8, 32773, 32946, 34925, 50000
MIN_IS_WHITE, MIN_IS_BLACK, RGB, PALETTE, MASK, CMYK, YCBCR, _, CIELAB = range(9)
UINT, INT, FLOAT, VOID = 1, 2, 3, 4
UNSPECIFIED, ASSOCIATED, UNASSOCIATED = 0, 1, 2  # what an extra sample is

#: compressions that pack bytes, whatever the bytes mean
OF_BYTES: Final = frozenset({NONE, LZW, DEFLATE, OLD_DEFLATE, PACKBITS, LZMA, ZSTD})
_OF_BILEVEL: Final = frozenset({CCITT_RLE, GROUP_3, GROUP_4})
_COLOURS: Final = {
    MIN_IS_WHITE: 1,
    MIN_IS_BLACK: 1,
    RGB: 3,
    PALETTE: 1,
    CMYK: 4,
    YCBCR: 3,
    CIELAB: 3,
}
_GREY: Final = (MIN_IS_WHITE, MIN_IS_BLACK)


class Layout(NamedTuple):
    """The fields that say what a sample is and where it lies."""

    photometric: int
    bits: tuple[int, ...]  # of each sample
    sample_format: tuple[int, ...]
    samples: int  # of a pixel
    extra: tuple[int, ...]  # what the samples beyond the colours are
    planar: bool  # each sample in a plane of its own
    compression: int
    little_endian: bool
    reversed_bits: bool  # FillOrder 2: the lowest bit comes first
    subsampled: bool  # YCbCr with fewer samples of colour
    predicted: bool  # stored as differences

    @property
    def colours(self) -> int:
        """Samples of a pixel that are its colour."""
        return _COLOURS.get(self.photometric, 0)


# What Pillow reads right of bytes in one plane, highest bit first, in either byte order:
# photometric, bits, sample format, samples of a pixel, extra samples
_Kind: TypeAlias = tuple[int, int, int, int, tuple[int, ...]]
_PILLOW: Final[frozenset[_Kind]] = frozenset(
    {
        *((grey, bits, UINT, 1, ()) for grey in _GREY for bits in (1, 2, 4, 8)),
        (MIN_IS_BLACK, 16, UINT, 1, ()),
        *((MIN_IS_BLACK, 8, UINT, 2, (extra,)) for extra in (UNSPECIFIED, UNASSOCIATED)),
        *((RGB, bits, UINT, 3, ()) for bits in (8, 16)),
        *(
            (RGB, bits, UINT, 4, (extra,))
            for bits in (8, 16)
            for extra in (UNSPECIFIED, UNASSOCIATED)
        ),
        *((PALETTE, bits, UINT, 1, ()) for bits in (1, 2, 4, 8)),
        *((CMYK, bits, UINT, 4, ()) for bits in (8, 16)),
        (YCBCR, 8, UINT, 3, ()),
        (CIELAB, 8, UINT, 3, ()),
    }
)
# ... and in little-endian byte order alone
_PILLOW_LITTLE_ENDIAN: Final[frozenset[_Kind]] = frozenset(
    {
        (MIN_IS_WHITE, 16, UINT, 1, ()),
        *((grey, 32, FLOAT, 1, ()) for grey in _GREY),
    }
)
# What Pillow reads right of codecs that compress pictures, not bytes
_PILLOW_OF_PICTURES: Final[dict[int, frozenset[_Kind]]] = {
    OLD_JPEG: frozenset({(YCBCR, 8, UINT, 3, ())}),
    JPEG: frozenset(
        {(MIN_IS_BLACK, 8, UINT, 1, ()), (RGB, 8, UINT, 3, ()), (YCBCR, 8, UINT, 3, ())}
    ),
}
_PILLOW_OF_BILEVEL: Final[frozenset[_Kind]] = frozenset((grey, 1, UINT, 1, ()) for grey in _GREY)
# Bits of a sample that `tiff_samples` reads, by their format
_OWN_BITS: Final = {
    UINT: frozenset({*range(1, 17), 24, 32, 64}),
    INT: frozenset({8, 16, 32, 64}),
    FLOAT: frozenset({16, 32, 64}),
}
_OWN_COLOURS: Final = frozenset({MIN_IS_WHITE, MIN_IS_BLACK, RGB, CMYK, PALETTE})
_PALETTE_BITS_MAX: Final = 16
_SAMPLES_MAX: Final = 0xFFFF  # of a pixel: their number is a SHORT, though a file may say LONG


def layout_of(tags: Tags, *, little_endian: bool) -> Layout:
    """The layout of the page with these `tags`; where a tag is missing, the standard's default.

    Raises:
        DecodeError: `unsupported`, because a pixel has more samples than the standard has numbers.
    """
    samples = _first(tags, Tag.SAMPLES_PER_PIXEL, 1)
    if samples > _SAMPLES_MAX:
        raise _unsupported(f"{samples} samples a pixel")
    photometric = _first(tags, Tag.PHOTOMETRIC, MIN_IS_WHITE)
    beyond = max(0, samples - _COLOURS.get(photometric, samples))
    extra = tags.get(Tag.EXTRA_SAMPLES, ())[:beyond]
    if not extra and beyond == 1 and photometric == RGB:
        extra = (UNASSOCIATED,)  # what a writer means that forgets to say
    return Layout(
        photometric,
        _each(tags, Tag.BITS_PER_SAMPLE, samples),
        tuple(UINT if f == VOID else f for f in _each(tags, Tag.SAMPLE_FORMAT, samples)),
        samples,
        extra + (UNSPECIFIED,) * (beyond - len(extra)),
        _first(tags, Tag.PLANAR_CONFIGURATION, 1) == 2 and samples > 1,
        _first(tags, Tag.COMPRESSION, NONE),
        little_endian,
        _first(tags, Tag.FILL_ORDER, 1) == 2,
        photometric == YCBCR and tags.get(Tag.YCBCR_SUBSAMPLING, (2, 2)) != (1, 1),
        _first(tags, Tag.PREDICTOR, 1) != 1,
    )


def reads_with_pillow(layout: Layout) -> bool:
    """Whether Pillow reads the layout right; False: `tiff_samples` does.

    Raises:
        DecodeError: `unsupported`, because neither does.
    """
    if len(set(layout.bits)) != 1 or len(set(layout.sample_format)) != 1:
        raise _unsupported("samples of several kinds")
    bits, form = layout.bits[0], layout.sample_format[0]
    if _is_pillow_right(layout, (layout.photometric, bits, form, layout.samples, layout.extra)):
        return True
    if not _is_own(layout, bits, form):
        raise _unsupported(
            f"photometric {layout.photometric}, {bits} bits, sample format {form},"
            f" compression {layout.compression}"
        )
    return False


def _is_pillow_right(layout: Layout, kind: _Kind) -> bool:
    if layout.compression in _OF_BILEVEL:
        return kind in _PILLOW_OF_BILEVEL
    if layout.compression in _PILLOW_OF_PICTURES:
        return kind in _PILLOW_OF_PICTURES[layout.compression] and not layout.planar
    if layout.planar or layout.subsampled or layout.reversed_bits:
        return False
    known = kind in _PILLOW or (layout.little_endian and kind in _PILLOW_LITTLE_ENDIAN)
    return known and layout.compression in OF_BYTES and (kind[1] >= 8 or not layout.predicted)


def _is_own(layout: Layout, bits: int, form: int) -> bool:
    return (
        layout.compression in OF_BYTES
        and layout.photometric in _OWN_COLOURS
        and layout.samples >= layout.colours
        and bits in _OWN_BITS.get(form, ())
        and (layout.photometric != PALETTE or (form == UINT and bits <= _PALETTE_BITS_MAX))
        and (layout.photometric != CMYK or form == UINT)
    )


def _unsupported(words: str) -> DecodeError:
    return DecodeError(Code.UNSUPPORTED, f"a TIFF with {words}")


def _first(tags: Tags, tag: Tag, default: int) -> int:
    return (tags.get(tag) or (default,))[0]


def _each(tags: Tags, tag: Tag, samples: int) -> tuple[int, ...]:
    """The values, one of each sample; one value alone is that of all."""
    values = tags.get(tag) or (1,)
    return values * samples if len(values) == 1 else values[:samples]
