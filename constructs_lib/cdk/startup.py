"""Lets `from constructs import Construct` be the first line of a program where there is no Node on the PATH.

Installed as `_alipolicy_node` beside a `.pth` file, through which every Python of the environment imports it
at its start: so it imports nothing, and waits until a program imports CDKTF.
"""

import sys


class ChoosesNode:
    """An import hook that finds nothing: before the first of these is imported, it chooses the Node."""

    @classmethod
    def find_spec(cls, name: str, path: object = None, target: object = None) -> None:
        """RuntimeError: there is no Node; it says what to do."""
        if name in ("constructs", "jsii", "cdktf", "cdktn"):
            sys.meta_path.remove(cls)
            from constructs_lib.cdk.node import prepare_node

            prepare_node()


sys.meta_path.insert(0, ChoosesNode)
