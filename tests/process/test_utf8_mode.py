"""Names of every kind, whatever the caller's locale."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import MODEL_BYTES, ROOT, noise, save

#: what a caller may have set; `LOCPATH` is where the locales of other encodings are
LOCALES = {
    "C, no UTF-8 mode": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "Turkish": {"LC_ALL": "tr_TR.ISO-8859-9"},
    "Japanese": {"LC_ALL": "ja_JP.EUC-JP"},  # whose names Python can't turn back into their bytes
}
ODD = os.fsdecode("é ığü 日本".encode() + b" \xff")


def environment(locale: str, folder: Path) -> dict[str, str]:
    """A caller's, with that locale, which is made in `folder`; none where the machine can't."""
    wanted = LOCALES[locale]
    language, _, encoding = wanted["LC_ALL"].partition(".")
    if encoding:
        if not shutil.which("localedef") or not Path("/usr/share/i18n").exists():
            return {}
        into = folder / wanted["LC_ALL"]
        subprocess.run(["localedef", "-i", language, "-f", encoding, into], check=False)
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), "LOCPATH": str(folder), **wanted}


@pytest.mark.parametrize(
    ("flags", "mode"),
    [
        pytest.param([], "1", id="plain"),
        pytest.param(["-E", "-s"], "1", id="flags-are-kept"),
        pytest.param(["-X", "utf8=0"], "0", id="a-user-said-no"),
    ],
)
def test_the_command_starts_again_with_all_that_it_was_given(
    tmp_path: Path, flags: list[str], mode: str
) -> None:
    code = (
        f"import sys; sys.path.append({str(ROOT)!r})\n"
        "from batch_predict.process.utf8_mode import use_utf8; use_utf8()\n"
        "import os; print(sys.flags.utf8_mode, os.fsencode(sys.argv[1]).hex(), sys.argv[2:])"
    )
    done = subprocess.run(
        [sys.executable, *flags, "-c", code, ODD, "", "-X", "b c"],
        env=environment("C, no UTF-8 mode", tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{mode} {os.fsencode(ODD).hex()} ['', '-X', 'b c']\n"


def outputs(folder: Path, locale: str, environ: dict[str, str]) -> dict[str, object]:
    """What a run writes and says of the pictures in `folder` under `locale`."""
    out = folder / f"çikti {locale}"
    out.mkdir()
    program = [sys.executable, "-m", "tests.support.cheap", "in é", str(out / "ş.csv")]
    options = ["--model", "modèle.keras", "--preprocess", "plain"]
    options += ["--labels", "ağ.csv", "--exclude", "*dişi*"]
    done = subprocess.run(
        [*program, *options], cwd=folder, env=environ, capture_output=True, check=False
    )
    said = (done.returncode, done.stdout.decode().rpartition("-> ")[2], done.stderr.decode())
    manifest = json.loads((out / "ş.run.json").read_text())
    facts = ("in_dir", "left_out", "truth_source", "truth_findings", "accuracy", "csv_sha256")
    page = (out / "ş.report.html").read_text(encoding="utf-8")
    return {
        "csv": (out / "ş.csv").read_bytes(),
        "files": sorted(os.listdir(out)),
        "page": page.partition("What this report vouches for")[0],
        "pictures shown": page.count("<img"),
        "said": str(said).replace(locale, ""),
        **{name: manifest[name] for name in facts},
    }


@pytest.mark.slow
def test_every_output_is_the_same_under_every_locale(tmp_path: Path) -> None:
    """Names on the command line, on the disk, in labels and globs; of the outputs and the model."""
    names = (f"{ODD}/3.png", "é.png", "ş/4.png", "ş/dişi.png")
    for number, name in enumerate(names):
        save(tmp_path / "number.png", noise(number))
        target = tmp_path / "in é" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "number.png").rename(target)
    (tmp_path / "modèle.keras").write_bytes(MODEL_BYTES)
    rows = ("path,label,çeşit", f"{ODD}/3.png,3,İ", "E\u0301.png,4,I", "in é/ş/4.png,4,ş", "ğ,1,ş")
    (tmp_path / "ağ.csv").write_bytes(b"\n".join(map(os.fsencode, rows)))

    expected = outputs(tmp_path, "here", {**os.environ, "PYTHONPATH": str(ROOT)})
    assert "é.png,".encode() in expected["csv"]  # type: ignore[operator]
    assert b"\\xff/3.png" in expected["csv"]  # type: ignore[operator]
    assert expected["left_out"] == {"excluded": 1}
    assert "çikti /ş.csv" in str(expected["said"])
    for locale in LOCALES:
        environ = environment(locale, tmp_path)
        if environ:
            assert outputs(tmp_path, locale, environ) == expected, locale
