"""`make dist`: the provider as a folder that needs no Python, as a release and as a filesystem mirror.

`dist/provider` is the folder; `dist/release` is what a release on GitHub has; `dist/mirror` is what Terraform's
`filesystem_mirror` names. PyInstaller puts the interpreter, the libraries and the modules together.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from constructs_lib.provider import ADDRESS
from constructs_lib.provider.installation import release

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / "terraform-registry-manifest.json"
NAME = f"terraform-provider-{ADDRESS.rpartition('/')[2]}"
PROGRAM = f"{NAME}_v{release()}"
# What is named for type checkers, or offered to others, and never imported; readline has the GPL.
NOT_NEEDED = (
    *(f"constructs_lib.{name}" for name in ("cdk", "cli", "localcloud", "review", "testing")),
    *("setuptools", "_distutils_hack", "distutils", "pkg_resources", "pip"),
    *("pdb", "pydoc", "readline", "curses", "tkinter"),
)
# The same files, packed on the same machine, give the same bytes.
STABLE = {"SOURCE_DATE_EPOCH": "1", "PYTHONHASHSEED": "1"}
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def main(dist: Path) -> None:
    for part in ("provider", "release", "mirror"):
        shutil.rmtree(dist / part, ignore_errors=True)
    folder = dist / "provider"
    build(folder)
    packed = dist / "release" / f"{NAME}_{release()}_{sys.platform}_{machine()}.zip"
    packed.parent.mkdir(parents=True)
    pack(folder, packed)
    shutil.copy(MANIFEST, packed.with_name(f"{NAME}_{release()}_manifest.json"))
    write_sums(packed.parent)
    mirrored = dist / "mirror" / ADDRESS / packed.name
    mirrored.parent.mkdir(parents=True)
    shutil.copy(packed, mirrored)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    print(f"{packed.name}: {packed.stat().st_size / 1e6:.1f} MB packed, {size / 1e6:.1f} MB unpacked")


def machine() -> str:
    """The name of this processor in Go's words."""
    return _MACHINES[platform.machine().lower()]


def build(folder: Path) -> None:
    """The folder with the program, what it needs, and the licences of all that."""
    with tempfile.TemporaryDirectory() as work:
        start = Path(work, "start.py")
        start.write_text("import sys\n\nfrom constructs_lib.provider.__main__ import main\n\nsys.exit(main())\n")
        excluded = [f"--exclude-module={name}" for name in NOT_NEEDED]
        options = ["--onedir", "--noconfirm", "--log-level=WARN", f"--name={PROGRAM}"]
        if sys.platform == "linux" and shutil.which("strip"):
            options.append("--strip")
        places = [f"--distpath={work}/out", f"--workpath={work}/work", f"--specpath={work}", f"--paths={ROOT}"]
        subprocess.run(
            [sys.executable, "-m", "PyInstaller", *options, *excluded, *places, str(start)],
            env={**os.environ, **STABLE},
            check=True,
        )
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(Path(work, "out", PROGRAM), folder)
    for name, licence in licences():
        place = folder / "licences" / name / licence.name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(licence, place)


def licences() -> Iterator[tuple[str, Path]]:
    """The licence files of Python and of each distribution that the provider needs, with its name."""
    yield "alipolicy", ROOT / "LICENSE"
    python = Path(sysconfig.get_path("stdlib"), "LICENSE.txt")
    if python.exists():
        yield "python", python
    for name in sorted(distributions("alipolicy", "provider") - {"alipolicy"}):
        for file in metadata.files(name) or ():
            if re.match(r"(?i)(licen[cs]e|copying|notice|authors)", file.name) and ".dist-info" in str(file):
                yield name, Path(str(file.locate()))


def distributions(name: str, extra: str = "") -> set[str]:
    """An installed distribution, and those that it needs with an extra."""
    found = {name}
    for requirement in metadata.requires(name) or ():
        needed, _, condition = requirement.partition(";")
        wanted = re.match(r"[A-Za-z0-9._-]+", needed)
        is_extra = f"extra == '{extra}'" in condition.replace('"', "'")
        if wanted and (is_extra if extra else "extra" not in condition) and _is_installed(wanted[0]):
            found |= distributions(wanted[0])
    return found


def _is_installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def pack(folder: Path, packed: Path) -> None:
    """The folder as a zip file whose bytes depend on nothing but the names and the bytes of the files."""
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(file.relative_to(folder).as_posix())
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, whose permissions these are
            entry.external_attr = (0o755 if os.access(file, os.X_OK) else 0o644) << 16
            archive.writestr(entry, file.read_bytes())


def write_sums(folder: Path) -> None:
    """The file of SHA-256 sums that Terraform's registry asks for."""
    lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in sorted(folder.iterdir())]
    (folder / f"{NAME}_{release()}_SHA256SUMS").write_text("".join(lines))


if __name__ == "__main__":
    began = time.monotonic()
    main(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "dist")
    print(f"built in {time.monotonic() - began:.0f} s")
