"""SARIF against the schema that OASIS publishes, brought by Microsoft's SDK, by a validator of others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.review.render import sarif
from tests.e2e import node
from tests.e2e.browser import example
from tests.review.configurations import allow, backup_policy, backup_rule, configuration, ram_policy, reviewed

# Prints what is wrong with each document of a list, by ajv's pointer.
VALIDATE = """
const { readFileSync } = require("node:fs");
const Ajv = require("ajv");
const ajv = new Ajv({ schemaId: "auto", allErrors: true, meta: false, unknownFormats: [] });
ajv.addMetaSchema(require("ajv/lib/refs/json-schema-draft-04.json"));
ajv._opts.defaultMeta = "http://json-schema.org/draft-04/schema#";
const validate = ajv.compile(require("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"));
const reported = JSON.parse(readFileSync(process.argv[1], "utf8")).map((document) =>
  validate(document) ? [] : validate.errors.map((one) => `${one.dataPath}: ${one.message}`));
console.log(JSON.stringify(reported));
"""


def problems(folder: Path, *documents: Any) -> list[list[str]]:
    file = folder / "documents.json"
    file.write_text(json.dumps(documents), "utf-8")
    reported: list[list[str]] = json.loads(node.javascript(VALIDATE, str(file)))
    return reported


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return json.loads(sarif.render(example(tmp_path_factory.mktemp("example"))))


def test_a_realistic_review_is_valid(document: Any, tmp_path: Path) -> None:
    assert document["runs"][0]["results"]
    assert problems(tmp_path, document) == [[]]


def test_odd_names_acknowledgements_approvals_and_an_empty_review_are_valid(tmp_path: Path) -> None:
    odd = "\ud800\x1b[31m|%0A ]]> a:b ${{ x }} ü"
    comment = {"//": {"alipolicy": {"source": f"{odd}.py:3", "acknowledge": {"BP309": odd}}}}
    new = configuration(
        hbr__a=backup_policy(backup_rule(retention=1, vault_id=odd), policy_name=odd, **comment),
        ram__b=ram_policy(allow(odd, odd), policy_name=odd),
    )
    old = configuration(hbr__a=backup_policy(backup_rule(retention=3), **comment))
    first = reviewed(tmp_path, new, old)
    deltas = [resource.delta for resource in first.resources() if resource.delta]
    reports = [
        first,
        reviewed(tmp_path, new, old, approve=[*deltas, odd]),
        reviewed(tmp_path, {"resource": {}}),
    ]
    rendered = [json.loads(sarif.render(report)) for report in reports]
    suppressions = {
        kind["kind"]
        for each in rendered
        for result in each["runs"][0]["results"]
        for kind in result.get("suppressions", ())
    }
    assert suppressions == {"inSource", "external"}
    assert problems(tmp_path, *rendered) == [[], [], []]


def test_the_validator_finds_what_is_wrong(document: Any, tmp_path: Path) -> None:
    text = json.dumps(document)
    result = document["runs"][0]["results"][0]
    wrong = [
        text.replace('"startLine"', '"line"'),
        text.replace('"level": "warning"', '"level": "grave"'),
        text.replace(json.dumps(result["message"]), '{"texts": "x"}'),
        text.replace('"version": "2.1.0"', '"version": "2.2.0"'),
    ]
    found = problems(tmp_path, *map(json.loads, wrong))
    assert all(found)
    assert found[3] == [".version: should be equal to one of the allowed values"]
