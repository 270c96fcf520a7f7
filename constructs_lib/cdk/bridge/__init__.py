"""The Node half of `element.py`, in readable source. Given to jsii when the first element needs it."""

from __future__ import annotations

import gzip
import io
import tarfile
from functools import cache
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory

import jsii

NAME = "alipolicy-bridge"
VERSION = "1.0.0"

# Their names in the package. jsii looks for `.jsii`, a name that tools like to overlook.
FILES = {
    "index.js": "index.js",
    "blocks.js": "blocks.js",
    "hcl.js": "hcl.js",
    "literal.js": "literal.js",
    "stack.js": "stack.js",
    "package.json": "package.json",
    "assembly.json": ".jsii",
}


@cache
def load(engine: str) -> None:
    """Load the bridge to this engine, `cdktf` or `cdktn`, into jsii's Node."""
    with TemporaryDirectory(prefix=f"{NAME}-") as folder:
        package = Path(folder, f"{NAME}.tgz")
        package.write_bytes(pack(engine))
        jsii.load(NAME, VERSION, str(package))  # unpacks it: into its cache, or into a folder of its own


def pack(engine: str) -> bytes:
    """The npm package. The same input gives the same bytes: jsii's package cache goes by their hash."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for source, name in FILES.items():
            text = resources.files(__name__).joinpath(source).read_text("utf-8")
            content = text.replace("@ENGINE@", engine).encode()
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()
