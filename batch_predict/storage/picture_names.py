"""What a file's name says of it: a picture, or the category that it is skipped and counted as."""

import os
from collections.abc import Mapping
from typing import Final

from batch_predict.storage.archive_names import is_archive_name, is_labels_name
from batch_predict.storage.exclusion import system_category
from batch_predict.storage.left_out import LeftOut

_RAW: Final = (
    ".3fr .arw .cr2 .cr3 .crw .dcr .dng .erf .fff .gpr .iiq .k25 .kdc .mef .mos .mrw .nef .nrw .orf"
    " .pef .raf .rw2 .rwl .sr2 .srf .srw .x3f"
)
#: suffixes of pictures that nothing here reads, and what such a file is
UNREAD: Final[Mapping[str, str]] = {
    **dict.fromkeys(_RAW.split(), "a camera's raw file"),
    ".jxl": "JPEG XL",
    **dict.fromkeys((".jxr", ".wdp", ".hdp"), "JPEG XR"),
    ".jls": "JPEG-LS",
    **dict.fromkeys((".jbg", ".jbig", ".jb2", ".jbig2"), "JBIG"),
    **dict.fromkeys((".psd", ".psb"), "a Photoshop document"),
    **dict.fromkeys((".xcf", ".kra", ".ora"), "a document of a drawing program"),
    **dict.fromkeys((".svg", ".svgz"), "an SVG drawing"),
    **dict.fromkeys((".eps", ".epsf"), "an EPS drawing"),
    **dict.fromkeys((".emf", ".wmf"), "a Windows metafile"),
    **dict.fromkeys((".djvu", ".djv"), "a DjVu document"),
    **dict.fromkeys((".dcm", ".dicom"), "a DICOM file"),
    ".fits": "a FITS file",
    ".exr": "OpenEXR",
    ".dds": "a DirectDraw texture",
    ".qoi": "QOI",
    ".flif": "FLIF",
    ".bpg": "BPG",
    ".sgi": "an SGI picture",
    ".xbm": "an X bitmap",
    ".xpm": "an X pixmap",
    ".wbmp": "a wireless bitmap",
    ".icns": "a macOS icon",
    ".cur": "a cursor",
    **dict.fromkeys((".mng", ".jng"), "an MNG file"),
    **dict.fromkeys((".pict", ".pct"), "a QuickDraw picture"),
}
PICTURE_SUFFIXES: Final = frozenset(
    ".png .apng .jpg .jpeg .jpe .jfif .jif .jfi .pjpeg .pjp .mpo .tif .tiff .gif .webp .bmp .dib"
    " .pbm .pgm .ppm .pnm .pam .pfm .ico .avif .avifs .jp2 .j2k .jpx .jpf .j2c .jpc .tga .pcx .heic"
    " .heics .heif .heifs .hif".split()
).union(UNREAD)
APPLE_DOUBLE: Final = "._"  # what macOS leaves beside a file where it can keep no metadata
BACKUP_ENDINGS: Final = ("~", ".bak", ".swp", ".tmp")


def hidden_category(name: str) -> LeftOut | None:
    """The category of a file or folder of this name if it is hidden; None if not."""
    if not name.startswith("."):
        return None
    return LeftOut.APPLE_DOUBLE if name.startswith(APPLE_DOUBLE) else LeftOut.HIDDEN


def name_category(name: str, all_files: bool) -> LeftOut | None:
    """The category of a file of this name, which is not hidden; None for a picture."""
    if name[name.rfind(".") :].lower() in PICTURE_SUFFIXES:  # `splitext` takes as long as opening
        return None
    system = system_category(name, is_folder=False)
    if all_files or system is not None:
        return system
    if is_archive_name(name):
        return LeftOut.ARCHIVE
    if is_labels_name(name):
        return LeftOut.IDX_LABELS
    return LeftOut.BACKUP if name.endswith(BACKUP_ENDINGS) else LeftOut.OTHER_FILE


def unread_words(path: str) -> str | None:
    """What a picture of this name is, where it is of a kind that nothing here reads; else None."""
    return UNREAD.get(os.path.splitext(path)[1].lower())
