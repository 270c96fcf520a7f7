"""Reading HCL with HashiCorp's own parser, which the cdktf CLI brings along as `@cdktf/hcl2json`."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.e2e.node import javascript

Json = Any

# hcl2json answers a syntax error with a rejected promise: it takes the place of the answer.
_PARSE = """
const { parse } = require("@cdktf/hcl2json");
const texts = require(process.argv[1]);
const parsed = (name) => parse(name, texts[name]).catch((error) => ({ "syntax error": `${error}` }));
Promise.all(Object.keys(texts).map(async (name) => [name, await parsed(name)]))
  .then((answers) => console.log(JSON.stringify(Object.fromEntries(answers))));
"""

# What the official provider has as blocks, not attributes.
BLOCKS = ("rules", "retention_rules", "data_source_filters", "tag_filters", "assume_role", "endpoints")

_BLOCK_AS_ATTRIBUTE = re.compile(rf"^\s*(?:{'|'.join(BLOCKS)})\s*=.*$", re.MULTILINE)
_WHOLE_EXPRESSION = re.compile(r"\$\{(.*)\}", re.DOTALL)


def parsed(texts: Mapping[str, str]) -> dict[str, Json]:
    """HCL texts by name, as Terraform JSON; where a text is not HCL, the only key is `syntax error`."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "texts.json")
        file.write_text(json.dumps(texts))
        answers: dict[str, Json] = json.loads(javascript(_PARSE, str(file)))
    return answers


def content(terraform: Json) -> Json:
    """Terraform JSON in the one form that hcl2json and CDKTF share, without CDKTF's notes in `//`.

    They differ in how they write a single block (an object, a list of one), no block (nothing, an
    empty list), provisioners (by type, one by one) and a reference (`${a.b}`, in some places `a.b`).
    """
    if isinstance(terraform, dict):
        items = {
            name: content(_by_type(value) if name == "provisioner" else value)
            for name, value in terraform.items()
            if name != "//"
        }
        return {name: value for name, value in items.items() if value not in ([], {})}
    if isinstance(terraform, list):
        values = [content(value) for value in terraform]
        return values[0] if len(values) == 1 and isinstance(values[0], dict) else values
    if isinstance(terraform, str):
        expression = _WHOLE_EXPRESSION.fullmatch(terraform)
        return expression[1] if expression else terraform
    return terraform


def assert_blocks(hcl: str) -> None:
    """Fail where a block is written as an attribute, `rules = […]`: only hcl2json takes that for the same."""
    wrong = _BLOCK_AS_ATTRIBUTE.findall(hcl)
    assert not wrong, f"blocks written as attributes: {wrong}"


def _by_type(provisioners: Json) -> Json:
    if isinstance(provisioners, dict):
        return provisioners
    types = {kind for provisioner in provisioners for kind in provisioner}
    return {
        kind: [provisioner[kind] for provisioner in provisioners if kind in provisioner] for kind in types
    }
