"""Which kind of archive a file is: its first bytes tell, else its name."""

from typing import BinaryIO, Final

from batch_predict.plugins import load
from batch_predict.storage.archive_names import named_kind
from batch_predict.storage.archives.archive import Archive, Beside
from batch_predict.storage.archives.compression import uncompressed

#: a kind's name -> its module and class
KINDS: Final = {
    "Parquet": "batch_predict.storage.archives.parquet_table:ParquetTable",
    "IDX": "batch_predict.storage.archives.idx_images:IdxImages",
    "zip": "batch_predict.storage.archives.zip_archive:ZipArchive",
    "tar": "batch_predict.storage.archives.tar_archive:TarArchive",
}
#: what is at a place of a file, after any compression, and which kind it then is
_SIGNATURES: Final = (
    (0, b"PK\x03\x04", "zip"),
    (0, b"PK\x05\x06", "zip"),  # without a member
    (0, b"PAR1", "Parquet"),
    (257, b"ustar", "tar"),
    *((0, bytes((0, 0, element)), "IDX") for element in (8, 9, 11, 12, 13, 14)),
)
_START: Final = 512  # bytes: a block of a tar


def kind_of(file: BinaryIO, name: str) -> str | None:
    """The kind of the archive that `file` is, at whose start it is left; None: it is none.

    Raises:
        OSError: it can't be read.
    """
    start = uncompressed(file).read(_START)
    file.seek(0)
    for place, signature, kind in _SIGNATURES:
        if start.startswith(signature, place):
            return kind
    return named_kind(name)


def open_archive(kind: str, file: BinaryIO, beside: Beside) -> Archive:
    """`file` as an archive of `kind`.

    Raises:
        MemberError: it is none.
        MissingExtraError: the library for it is not installed.
    """
    archive: Archive = load(KINDS[kind])(uncompressed(file), beside)
    return archive
