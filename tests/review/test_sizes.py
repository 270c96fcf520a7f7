"""What is far larger than RAM or Cloud Backup take is undecided at once, whatever its size."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from constructs_lib.ram.access import Verdict
from tests.review.configurations import codes, only, reviewed


def version(statements: int, action: str, **dumped: Any) -> dict[str, Any]:
    document = {
        "Version": "1",
        "Statement": [
            {"Effect": "Allow", "Action": f"{action}{number}?*", "Resource": f"acs:oss:*:*:{number}-*/a?*"}
            for number in range(statements)
        ],
    }
    policy = {"policy_name": "p", "policy_document": json.dumps(document, **dumped), "set_as_default": True}
    return {"resource": {"alipolicy_policy_version": {"p": policy}}}


def test_a_document_far_above_the_limit_is_undecided_with_the_reason(tmp_path: Path) -> None:
    report = reviewed(tmp_path, version(400, "oss:Put"), version(400, "oss:Get"))
    access = only(report).access
    assert access is not None
    assert access.verdict is Verdict.UNDECIDED
    assert access.undecided is not None
    assert "RAM takes 6,144: it is not compared" in access.undecided
    assert "RV222" in codes(report)


def test_blanks_do_not_make_a_document_large(tmp_path: Path) -> None:
    new, old = version(9, "oss:Put", indent=900), version(9, "oss:Get", indent=900)
    access = only(reviewed(tmp_path, new, old)).access
    assert access is not None
    assert access.verdict is Verdict.CHANGED
