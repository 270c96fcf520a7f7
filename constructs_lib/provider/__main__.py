"""`terraform-provider-alipolicy`: what Terraform starts. `--debug` waits for Terraform to attach instead."""

from __future__ import annotations

import os
import sys

from constructs_lib.provider import ADDRESS
from constructs_lib.provider.protocol.resource import Provider
from constructs_lib.provider.protocol.server import serve


def main() -> int:
    """Serve until Terraform is done. Returns 1 where it was not Terraform that started the program."""
    return serve(_load, address=ADDRESS)


def _load() -> Provider:
    # Terraform connects while this is imported.
    from constructs_lib.provider.pending_creates.journal import Journal
    from constructs_lib.provider.provider import Alipolicy

    # In reattach mode the working directory is not Terraform's.
    is_attached = "--debug" in sys.argv[1:]
    return Alipolicy(journal=None if is_attached else Journal.from_environment(os.environ))


if __name__ == "__main__":
    sys.exit(main())
