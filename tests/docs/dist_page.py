"""The guide to the provider without Python: how it is built, and where its parts go."""

from __future__ import annotations

from tests.docs.front_matter import front_matter

GENERATED_FROM = "tests/docs/dist_page.py"

TEXT = """\
# The provider without Python

The provider runs in Python. Where there is none, a folder takes its place that holds the interpreter,
the libraries and the provider. `make dist` builds it from a checkout, for the system that it runs on:

| in `dist/` | what it is |
|---|---|
| `provider/` | the folder: `terraform-provider-alipolicy_v0.1.0`, `_internal/`, `licences/` |
| `release/` | what a release on GitHub has: the folder as a zip file, a manifest, the sums (SHA-256) |
| `mirror/` | the zip file, where Terraform looks for it in a filesystem mirror |

On Linux x86-64 the zip file has 25 MB, the folder 58 MB. `python -m tests.dist.start` measures how long
the provider takes to answer beside that of the virtual environment: 1.1 to 1.4 times as long. Two builds
on one machine have the same bytes, so their sums can be compared.

## Using it

Copy `dist/mirror` to the machine, and name it in Terraform's CLI configuration, `~/.terraformrc`:

```terraform
provider_installation {
  filesystem_mirror {
    path    = "/opt/alipolicy/mirror"
    include = ["alipolicy.internal/*/*"]
  }
  direct {
    exclude = ["alipolicy.internal/*/*"]
  }
}
```

`terraform init` takes the provider from there; it needs no network for it. A lock file from `alipolicy
provider install` has other sums: run `terraform providers lock -fs-mirror=/opt/alipolicy/mirror`, with
`-platform=` for each system that uses it.

## What it needs

* Linux with the C library (glibc) of the machine that built it, or a newer one, and zlib (`libz.so.1`), which
  only the smallest images lack; or macOS. musl, as in Alpine, is not enough. On Windows use it inside WSL.
* A folder for temporary files. Nothing is unpacked into it at the start.

Only the provider is in it: `alipolicy` itself, the constructs, the review and the local cloud stay a
Python package.

## Releases

`.github/workflows/release.yml` builds it on three systems for a tag such as `v0.1.0`: linux_amd64,
linux_arm64 and darwin_arm64. It makes a draft of a release with the zip files, the manifest and the sums
of all. The registry also wants the file of sums signed (`gpg --detach-sign`): the key is yours, so you
sign before you publish.

PyInstaller, which puts the folder together, has the GPL with an exception: what it builds may have any
licence. The licences of Python and of the libraries lie in `licences/`.
"""


def dist_page() -> str:
    """The page."""
    description = "A folder that holds all the provider needs: built, installed and released without Python."
    head = front_matter("The provider without Python - alipolicy", "", description, GENERATED_FROM)
    return "\n".join([*head, *TEXT.splitlines()]) + "\n"
