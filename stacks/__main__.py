"""The CDKTF app: `cdktf synth` and `cdktf deploy` run it, and so does `make synth`."""

from __future__ import annotations

import sys

from constructs_lib import cdktf
from stacks.access import AccessStack
from stacks.backups import BackupStack
from stacks.context import AppContext, ContextError
from stacks.protection import ProtectionStack


def main() -> None:
    try:
        context = AppContext.load()
    except ContextError as error:
        sys.exit(f"Error: {error}")
    app = cdktf.App()
    BackupStack(app, "backups", target=context.target, inputs=context.backups)
    AccessStack(app, "access", target=context.target, inputs=context.access)
    ProtectionStack(app, "protection", target=context.target, inputs=context.protection)
    app.synth()


if __name__ == "__main__":
    main()
