"""Parts of a document that change nothing, held against the oracle, and the cheap test before the proof."""

from __future__ import annotations

import subprocess
import sys

from constructs_lib.ram.access import Verdict, compare_denials, equivalent
from constructs_lib.ram.analysis.redundancy import redundant_parts
from constructs_lib.ram.analysis.redundancy_prefilter import may_have_redundant_parts
from tests.ram.analysis.oracle import expected, pairs, written
from tests.ram.test_access import BUCKET, GLOBS, deny, document, statement


def test_redundant_parts_of_random_documents_can_be_dropped_and_no_other_statement_can() -> None:
    for statements, _ in pairs(13, 250, **GLOBS):
        full = written(statements)
        redundant = {part.path for part in redundant_parts(full.as_written())}
        left = [
            statement for index, statement in enumerate(statements) if f"Statement[{index}]" not in redundant
        ]
        for one, other in ((statements, left), (left, statements)):
            assert not expected(one, other, fold=False)
        for index in range(len(left)):
            fewer = written(left[:index] + left[index + 1 :])
            kept = written(left)
            same = equivalent(kept, fewer) and compare_denials(kept, fewer).verdict is Verdict.EQUIVALENT
            assert not same or len(left) == 1


def test_the_prefilter_never_misses_a_redundant_part() -> None:
    answers = set()
    for statements, _ in pairs(17, 700, action="aAb*?", resource="abB*?", conditions=1):
        full = written(statements)
        may = may_have_redundant_parts([statement.as_written() for statement in full.statements])
        assert may or not redundant_parts(full.as_written()), full
        answers.add(may)
    assert answers == {True, False}


def test_redundant_parts_are_named_by_their_path() -> None:
    of = document(
        statement(["oss:Get*", "oss:GetObject"], [BUCKET, "acs:oss:*:*:*"]),
        statement("oss:GetBucket", BUCKET),
        deny(["ram:*", "ram:Create*"]),
    )
    assert [(part.path, part.text) for part in redundant_parts(of.as_written())] == [
        ("Statement[0].Action[1]", "oss:GetObject"),
        ("Statement[0].Resource[0]", BUCKET),
        ("Statement[1]", None),
        ("Statement[2].Action[1]", "ram:Create*"),
    ]


def test_the_prefilter_folds_case_as_the_proof_does() -> None:
    """A token keeps its letters, and only ASCII letters have another case."""
    for actions in (["a:b", "A:B"], ["#{TfToken[TOKEN.1]}", "#{TfToken[TOKEN.1]}"], ["\ud800", "*"]):
        full = document(statement(actions)).as_written()
        assert redundant_parts(full)
        assert may_have_redundant_parts(full["Statement"])
    kelvin = document(statement(["k", "\u212a"])).as_written()
    assert not redundant_parts(kelvin)
    assert not may_have_redundant_parts(kelvin["Statement"])


def test_checks_of_a_document_without_a_redundant_part_do_not_load_the_proof() -> None:
    program = (
        "import sys\n"
        "from constructs_lib import PolicyDocument, PolicyStatement\n"
        "from constructs_lib.ram.checks import check_policy_version\n"
        "from constructs_lib.ram.policy_version import PolicyVersionProps\n"
        "statement = PolicyStatement(effect='Allow', actions='oss:Get*', resources={resources})\n"
        "props = PolicyVersionProps(policy_name='p', policy_document=PolicyDocument([statement]))\n"
        "codes = [finding.code for finding in check_policy_version(props)]\n"
        "print('PV306' in codes, 'constructs_lib.ram.analysis.evaluator' in sys.modules)"
    )
    for resources, expected_words in (("'acs:oss:*:*:a'", "False False"), ("['a', '*']", "True True")):
        command = [sys.executable, "-c", program.format(resources=resources)]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
        assert run.stdout.strip() == expected_words
