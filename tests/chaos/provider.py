"""The provider as it is, but in a hurry: `python -m tests.chaos.provider`, as Terraform starts it.

`--debug` waits for Terraform to attach. `--without-journal` shows what the journal is for.
"""

from __future__ import annotations

import os
import sys

from constructs_lib.provider import ADDRESS, backup_policy
from constructs_lib.provider import api_client as calls
from constructs_lib.provider.pending_creates.journal import Journal
from constructs_lib.provider.protocol.resource import Provider
from constructs_lib.provider.protocol.server import serve
from constructs_lib.provider.provider import Alipolicy

# How long an object is looked for that may not be visible yet (seconds). No fault hides one for longer.
SETTLE = 1.5


def load() -> Provider:
    calls.FIRST_WAIT, calls.LONGEST_WAIT = 0.05, 0.4
    backup_policy.LOOK = 0.1
    is_kept = not {"--debug", "--without-journal"} & set(sys.argv)
    return Alipolicy(SETTLE, Journal.from_environment(os.environ) if is_kept else None)


if __name__ == "__main__":
    sys.exit(serve(load, address=ADDRESS))
