"""Which engine the constructs run on: CDKTF, or CDKTN, the living fork with the same Python API.

`ALIPOLICY_ENGINE=cdktf|cdktn` decides, else what the program has imported already, else it is CDKTF.
Take the engine and `constructs` from here: importing either starts Node, and here it is the right one.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from constructs_lib.backup.rule import NestedBlock
from constructs_lib.backup.schedule import Schedule
from constructs_lib.cdk.node import prepare_node
from constructs_lib.findings import InvalidPropsError
from constructs_lib.ram.canonical import terraform_json
from constructs_lib.ram.document import PolicyDocument, parse_document
from constructs_lib.tokens import mark

VARIABLE = "ALIPOLICY_ENGINE"
# The engines, and the package that brings each.
PACKAGES = {"cdktf": "alipolicy", "cdktn": "alipolicy[cdktn]"}


def engine_name() -> str:
    """The engine's module. RuntimeError: the variable names none, or another than the program imported."""
    imported = [name for name in PACKAGES if name in sys.modules]
    wanted = os.environ.get(VARIABLE)
    if not wanted:
        return (imported or list(PACKAGES))[0]
    if wanted not in PACKAGES:
        raise RuntimeError(f"{VARIABLE}={wanted} is not an engine. Set it to cdktf or cdktn, or unset it.")
    if imported and wanted not in imported:
        # One construct tree made by two engines looks right and is not.
        raise RuntimeError(
            f"{VARIABLE}={wanted}, but the program has imported {imported[0]}. Import {wanted} there, or set "
            f"{VARIABLE}={imported[0]}."
        )
    return wanted


def load_engine(name: str) -> ModuleType:
    """Import the engine, on a Node that can run it. RuntimeError: it is not installed."""
    if name not in sys.modules and importlib.util.find_spec(name) is None:
        raise RuntimeError(f'{name} is not installed. Install it: pip install "{PACKAGES[name]}"')
    prepare_node()
    return importlib.import_module(name)


def teach_jsii() -> None:
    """Two things that jsii does not know: a token that comes from Node is none of Python's lists and numbers
    (`TokenList`, `TokenNumber`), and our own classes go there as what Terraform takes, also where a `Lazy`
    gives them."""
    from jsii import _kernel

    dereference = getattr(_kernel, "_recursize_dereference", None)
    refer = getattr(_kernel, "_make_reference_for_native", None)
    if dereference is None or refer is None or getattr(dereference, "is_ours", False):
        return

    def dereference_and_mark(kernel: Any, value: Any) -> Any:
        return mark(dereference(kernel, value))

    def refer_to_attribute(kernel: Any, value: Any) -> Any:
        return refer(kernel, _as_attribute(value))

    vars(dereference_and_mark)["is_ours"] = True
    vars(_kernel).update(
        _recursize_dereference=dereference_and_mark, _make_reference_for_native=refer_to_attribute
    )


def _as_attribute(value: object) -> object:
    """One of our own classes as Terraform takes it; anything else as it is."""
    if isinstance(value, NestedBlock):
        return value.as_block()
    if isinstance(value, Schedule):
        return str(value)
    if isinstance(value, PolicyDocument):
        document = parse_document(value)
        if document.findings:
            raise InvalidPropsError("the policy document", document.findings)
        return terraform_json(document.form, cdktf.Fn.jsonencode)
    return value


if TYPE_CHECKING:
    import cdktf as cdktf
    import constructs as constructs
else:
    cdktf = load_engine(engine_name())
    constructs = importlib.import_module("constructs")
    teach_jsii()
