"""Fetch the pictures that Pillow and libpng test themselves with, from their source packages.

    python -m tests.broken.corpora FOLDER

leaves them in FOLDER/pillow and FOLDER/libpng. Pillow's come from PyPI with pip, libpng's from
Debian with apt-get, by the package lists that this machine has.
"""

import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path

import PIL

APT_SOURCES = Path("/etc/apt/sources.list.d/debian.sources")
PICTURES = {
    "pillow": ("Tests/images/",),
    "libpng": ("contrib/pngsuite/", "contrib/testpngs/"),
}


def fetch(folder: Path) -> None:
    """Bring what is missing into `folder`; `CalledProcessError` where there is no network."""
    for name, download in (("pillow", from_pypi), ("libpng", from_debian)):
        if (folder / name).exists():
            continue
        with tempfile.TemporaryDirectory() as scratch:
            download(Path(scratch))
            (archive,) = Path(scratch).glob(f"{name}*.tar.gz")
            unpacked = Path(scratch) / "unpacked"
            with tarfile.open(archive) as tar:
                tar.extractall(unpacked, wanted(tar, PICTURES[name]), filter="data")
            folder.mkdir(parents=True, exist_ok=True)
            subprocess.run(["mv", unpacked, folder / name], check=True)


def wanted(tar: tarfile.TarFile, folders: tuple[str, ...]) -> Iterable[tarfile.TarInfo]:
    for member in tar:
        inside = member.name.partition("/")[2]  # after the package's own folder
        if member.isfile() and inside.startswith(folders):
            yield member


def from_pypi(scratch: Path) -> None:
    pip = (sys.executable, "-m", "pip", "download", "--quiet")
    what = ("--no-deps", "--no-binary", ":all:", f"pillow=={PIL.__version__}")
    subprocess.run([*pip, *what, "--dest", scratch], check=True)


def from_debian(scratch: Path) -> None:
    """The upstream archive of the source package, by lists of our own: nobody need be root."""
    sources = scratch / "sources"
    for needed in ("lists/partial", "cache/archives/partial", "sources"):
        (scratch / needed).mkdir(parents=True)
    text = APT_SOURCES.read_text().replace("Types: deb\n", "Types: deb-src\n")
    (sources / "source.sources").write_text(text)
    apt = [
        *("apt-get", "-qq", "-o", "Dir::Etc::sourcelist=/dev/null"),
        *("-o", f"Dir::Etc::sourceparts={sources}"),
        *("-o", f"Dir::State::lists={scratch / 'lists'}"),
        *("-o", f"Dir::Cache={scratch / 'cache'}"),
        *("-o", "APT::Sandbox::User="),
    ]
    subprocess.run([*apt, "update"], check=True)
    subprocess.run([*apt, "source", "--tar-only", "libpng1.6"], cwd=scratch, check=True)


if __name__ == "__main__":
    fetch(Path(sys.argv[1]))
