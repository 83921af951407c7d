"""Files of every format, and random damage to them."""

from hypothesis import strategies as st

from tests.broken.files import BROKEN, chunk
from tests.decode.every_encoding import ENCODINGS
from tests.support.digits import DIGITS

#: a sample in every encoding and every broken form, but for those that unpack to gigabytes
SEEDS = [made.make(DIGITS[7]) for made in (*ENCODINGS, *BROKEN) if "-bomb" not in made.name]

WORDS = [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\7\xd0", b"\xd0\7\0\0"]
places = st.one_of(st.integers(0, 120), st.integers(0, 1 << 16))
patches = st.one_of(st.binary(min_size=1, max_size=4), st.sampled_from(WORDS))
edits = st.one_of(
    st.tuples(st.just("write"), places, patches),
    st.tuples(st.just("insert"), places, patches),
    st.tuples(st.just("delete"), places, st.integers(1, 64)),
    st.tuples(st.just("cut"), places, st.none()),
)


def damaged(data, edits, *, mend):
    """`data` after `edits`; with `mend`, the checksums of a PNG are right afterwards."""
    data = bytearray(data)
    for edit, place, what in edits:
        at = place % (len(data) + 1)
        match edit:
            case "write":
                data[at : at + len(what)] = what
            case "insert":
                data[at:at] = what
            case "delete":
                del data[at : at + what]
            case "cut":
                del data[at:]
    return with_good_checksums(bytes(data)) if mend else bytes(data)


def with_good_checksums(data):
    """A PNG whose checksums are right for what its chunks hold, so that the damage gets through."""
    if not data.startswith(b"\x89PNG"):
        return data
    mended, at = data[:8], 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if at + 12 + length > len(data):
            break
        mended += chunk(data[at + 4 : at + 8], data[at + 8 : at + 8 + length])
        at += 12 + length
    return mended + data[at:]
