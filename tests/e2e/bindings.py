"""What the real `cdktf get` generates for the official provider: the oracle of the conformance tests.

`cdktf get` asks Terraform for nothing but the provider's schema, so a script that prints
`tests/data/aliyun-alicloud-schema.json` stands in for Terraform and for the provider.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path

from tests.e2e.node import CACHE, LOCK, ROOT, cdktf, install, progress

SCHEMA = ROOT / "tests" / "data" / "aliyun-alicloud-schema.json"
VERSION = "1.289.0"  # what the stand-in claims to have; the bindings pin it

FAKE_TERRAFORM = """\
#!/bin/sh
case "$*" in
  "version -json") cat "$FAKE_VERSION" ;;
  "providers schema -json") cat "$FAKE_SCHEMA" ;;
esac
"""

CDKTF_JSON = {
    "language": "python",
    "app": "true",
    "projectId": "alipolicy-bindings",
    "sendCrashReports": "false",
    "codeMakerOutput": "imports",
    "terraformProviders": [f"aliyun/alicloud@{VERSION}"],
}


def generate_bindings(directory: Path = CACHE) -> Path:
    """The folder to put on `sys.path` for `import imports.alicloud`.

    It is made below `directory` (some 8 s), unless it is there from the same schema and CLI.
    """
    key = hashlib.sha256(SCHEMA.read_bytes() + LOCK.read_bytes() + Path(__file__).read_bytes())
    bindings = directory / f"bindings-{key.hexdigest()[:16]}"
    if not bindings.is_dir():
        install()
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=directory) as unfinished:
            project = Path(unfinished) / "project"
            with progress("cdktf get, for the official bindings"):
                _generate(project)
            project.rename(bindings)
    return bindings


def _generate(directory: Path) -> None:
    directory.mkdir()
    terraform, version = directory / "terraform", directory / "version.json"
    terraform.write_text(FAKE_TERRAFORM)
    terraform.chmod(0o755)
    providers = dict.fromkeys(json.loads(SCHEMA.read_text())["provider_schemas"], VERSION)
    version.write_text(json.dumps({"terraform_version": "1.11.4", "provider_selections": providers}))
    (directory / "cdktf.json").write_text(json.dumps(CDKTF_JSON))
    cdktf(
        "get",
        cwd=directory,
        TERRAFORM_BINARY_NAME=str(terraform),
        FAKE_VERSION=str(version),
        FAKE_SCHEMA=str(SCHEMA),
    )
