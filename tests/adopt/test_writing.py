"""What the code looks like: as a person would write it, and a comment where there is none."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from constructs_lib.adopt.code import columns, string
from constructs_lib.adopt.estate import EstateKind, EstateObject
from constructs_lib.adopt.naming import identifier
from tests.adopt.written import adopt_into, found_in, spelled, synthesise
from tests.properties import ANY_STRING

BACKUP = {
    "rule_type": "BACKUP",
    "schedule": "C|1631685600|0 0 2 ? * 3,5,7",
    "backup_type": "COMPLETE",
    "vault_id": "v-1",
    "keep_latest_snapshots": 1,
}
LADDER = [
    {"advanced_retention_type": "WEEKLY", "retention": 60, "which_snapshot": 1},
    {"advanced_retention_type": "MONTHLY", "retention": 365, "which_snapshot": 1},
]
KEEP = {"rule_type": "TRANSITION", "retention": 14, "retention_rules": LADDER}
DOCUMENT = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"oss:Get*","Resource":"*"}]}'


def backup_policy(*rules: dict[str, Any], **more: Any) -> EstateObject:
    state = {"policy_name": "nightly", "policy_type": "STANDARD", "rules": list(rules), **more}
    return EstateObject(kind=EstateKind.BACKUP_POLICY, id="po-1", state=state)


def policy(name: str = "readers", document: str = DOCUMENT, **more: Any) -> EstateObject:
    state = {"policy_name": name, "policy_document": document, **more}
    return EstateObject(kind=EstateKind.POLICY, id=name, state=state)


def module_of(folder: Path, kind: str, *objects: EstateObject, target: str = "alipolicy") -> str:
    adopt_into(folder, objects, target)
    return (folder / "estate" / f"{kind}.py").read_text("utf-8")


def test_a_ladder_is_tiered(tmp_path: Path) -> None:
    vault = EstateObject(kind=EstateKind.VAULT, id="v-1", state={"vault_name": "gold"})
    text = module_of(tmp_path, "backup_policies", vault, backup_policy(BACKUP, KEEP))
    assert (
        """
        self.nightly = BackupPolicy.tiered(
            stack,
            "nightly",
            policy_name="nightly",
            schedule=Schedule.cron("0 0 2 ? * 3,5,7", start=1631685600),
            retention=14,
            weekly=60,
            monthly=365,
            vault_id=vaults.gold.vault_id,
        )
        self.nightly.import_from("po-1")
"""
        in text
    )


@pytest.mark.parametrize(
    ("rules", "more"),
    [
        ([BACKUP, {**KEEP, "retention_rules": LADDER[::-1]}], {}),
        ([BACKUP, {**KEEP, "archive_days": 30}], {}),
        ([{**BACKUP, "retention": 7}, KEEP], {}),
        ([{**BACKUP, "backup_type": None}, KEEP], {}),
        ([KEEP, BACKUP], {}),
        ([BACKUP, KEEP], {"policy_type": "UDM_ECS_ONLY"}),
        ([BACKUP, KEEP], {"policy_type": None}),
        ([{**BACKUP, "schedule": "I|0001648647166|P1D"}, KEEP], {}),
        ([{**BACKUP, "keep_latest_snapshots": 0}, KEEP], {}),
    ],
)
def test_whatever_is_written_says_the_same(
    rules: list[dict[str, Any]], more: dict[str, Any], tmp_path: Path
) -> None:
    found = backup_policy(*rules, **more)
    adopt_into(tmp_path, [found])
    assert found_in(synthesise(tmp_path)).get(found.key) in (spelled(found.kind, found.state), None)


def test_bound_sources_and_attachments_belong_to_their_policies(tmp_path: Path) -> None:
    source = {"policy_id": "po-1", "source_type": "OSS", "data_source_id": "logs", "source": "2026/"}
    bound = EstateObject(kind=EstateKind.BINDING, id="po-1:OSS:logs", state=source)
    attached = EstateObject(
        kind=EstateKind.ATTACHMENT,
        id="role:app:Custom:readers",
        state={"policy_name": "readers", "policy_type": "Custom", "role_name": "app"},
    )
    system = EstateObject(
        kind=EstateKind.ATTACHMENT,
        id="user:al.ice:System:AliyunOSSReadOnlyAccess",
        state={"policy_name": "AliyunOSSReadOnlyAccess", "policy_type": "System", "user_name": "al.ice"},
    )
    objects = [backup_policy(BACKUP, KEEP), bound, policy(), attached, system]
    text = module_of(tmp_path, "bindings", *objects)
    assert "self.nightly_logs = backup_policies.nightly.bind(\n" in text
    assert 'OssBucket("logs", prefix="2026/"),' in text
    text = (tmp_path / "estate" / "policy_attachments.py").read_text("utf-8")
    assert 'self.readers_role_app = policies.readers.attach_to_role("app")' in text
    assert 'policy_type="System"' in text
    assert found_in(synthesise(tmp_path)) == {each.key: spelled(each.kind, each.state) for each in objects}


def test_documents_are_made_of_statements(tmp_path: Path) -> None:
    statement = {"Effect": "Deny", "Action": ["oss:*"], "Resource": "acs:oss:*:*:a", "Sid": "x"}
    document = json.dumps({"Version": "1", "Statement": [statement]})
    text = module_of(tmp_path, "policies", policy(document=document))
    assert "effect=Effect.DENY," in text
    assert 'actions=["oss:*"],' in text
    assert 'sid="x",' in text


@pytest.mark.parametrize("target", ["alipolicy", "alicloud"])
def test_what_a_target_cannot_say_is_a_comment_and_a_finding(target: str, tmp_path: Path) -> None:
    staged = EstateObject(
        kind=EstateKind.VERSION,
        id="readers:v1",
        state={
            "policy_name": "readers",
            "policy_document": DOCUMENT,
            "set_as_default": False,
            "version_id": "v1",
        },
    )
    adoption = adopt_into(tmp_path, [policy(), staged], target)
    text = (tmp_path / "estate" / "policy_versions.py").read_text("utf-8")
    if target == "alipolicy":
        assert adoption.findings == ()
        assert "set_as_default=False" in text
    else:
        finding = next(each for each in adoption.findings if each.code == "AD301")
        assert str(finding).startswith(
            'AD301 policy version "readers v1" (readers:v1): it is a comment: PV401'
        )
        assert '        # Not in the code: policy version "readers v1" (readers:v1)\n' in text
        assert "AlipolicyProvider" in text
        assert adopt_into(tmp_path, [policy(), staged], target).new == ()


def test_for_the_official_provider_a_document_keeps_its_order(tmp_path: Path) -> None:
    """It takes another order for another document, and would make a new version of it."""
    canonical = json.dumps(
        {"Statement": [{"Action": ["oss:Get*"], "Effect": "Allow", "Resource": ["*"]}], "Version": "1"}
    )
    statement = {"Effect": "Allow", "Action": ["oss:List*", "oss:Get*"], "Resource": "*", "Condition": {}}
    unordered = json.dumps({"Version": "1", "Statement": [statement, statement]})
    objects = [policy(), policy("same", canonical), policy("unordered", unordered)]
    assert adopt_into(tmp_path / "official", objects, "alicloud").findings == ()
    written = synthesise(tmp_path / "official")["resource"]["alicloud_ram_policy"].values()
    documents = {each["policy_name"]: json.loads(each["policy_document"]) for each in written}
    assert documents == {each.name: json.loads(each.state["policy_document"]) for each in objects}
    text = (tmp_path / "official" / "estate" / "policies.py").read_text("utf-8")
    assert text.count("keep_order=True") == 2
    assert "keep_order" not in module_of(tmp_path / "own", "policies", *objects)


@pytest.mark.parametrize("target", ["alipolicy", "alicloud"])
def test_what_the_service_fills_in_is_no_option(target: str, tmp_path: Path) -> None:
    """Of application consistency, which nobody asked for; the official provider has no such arguments."""
    filled_in = {"enable_fs_freeze": True, "enable_writers": False, "timeout_in_seconds": 30}
    detail = {"disk_id_list": ["d-1"], **filled_in}
    source = {"policy_id": "po-1", "source_type": "UDM_ECS", "data_source_id": "i-1"}
    options = {"advanced_options": [{"udm_detail": [detail]}]}
    bound = EstateObject(kind=EstateKind.BINDING, id="po-1:UDM_ECS:i-1", state={**source, **options})
    text = module_of(tmp_path, "bindings", bound, target=target)
    assert 'EcsInstance("i-1", options=UdmDetail(disk_id_list=["d-1"]))' in text
    consistent = {**detail, "app_consistent": True, "ram_role_name": "backup"}
    options["advanced_options"] = [{"udm_detail": [consistent]}]
    other = EstateObject(kind=EstateKind.BINDING, id="po-1:UDM_ECS:i-2", state={**source, **options})
    adoption = adopt_into(tmp_path, [bound, other], target)
    assert len(adoption.findings) == (target == "alicloud")


def test_what_is_against_the_contract_is_acknowledged_and_told(tmp_path: Path) -> None:
    found = backup_policy(BACKUP)
    adoption = adopt_into(tmp_path, [found])
    assert [finding.code for finding in adoption.findings] == ["AD304"]
    body = next(iter(synthesise(tmp_path)["resource"]["alipolicy_backup_policy"].values()))
    assert list(body["acknowledge"]) == ["BP204"]
    # An import has no reasons in its state: they alone would be a change.
    assert body["lifecycle"] == {"ignore_changes": ["acknowledge"]}


HOSTILE = [
    *('"); import os; os.abort() #', "'''", '"""', "\\", "\\N{BULLET}", "{braces}", "a\nb", "a\r\nb", "\0"),
    *("# no comment", "${file(1)}", "$${x}", "%{if}", "%%{x}", "\u202eevil", "\u2028", "每日", "TfToken[0]"),
    *(
        "${TfToken[TOKEN.0]}",
        "\ud800",
        "-1.8881545897087505e+289",
        "x" * 300,
        " ",
        "None",
        "self.x",
        "__import__",
    ),
]


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_no_name_leaves_its_string(name: str, tmp_path: Path) -> None:
    objects = [
        backup_policy(BACKUP, KEEP, policy_name=name, policy_description=name),
        policy(description=name, tags={name: name}),
    ]
    adoption = adopt_into(tmp_path, objects)
    left_out = {finding.subject for finding in adoption.findings if finding.code == "AD301"}
    expected = {each.key: spelled(each.kind, each.state) for each in objects if str(each) not in left_out}
    found = found_in(synthesise(tmp_path)) if expected else {}
    assert found == expected
    for module in (tmp_path / "estate").glob("*.py"):
        tree = ast.parse(module.read_text("utf-8"))
        called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        assert "os.abort" not in called
        assert all(line.isprintable() for line in module.read_text("utf-8").splitlines())


@pytest.mark.parametrize(
    "found",
    [
        backup_policy(BACKUP, KEEP, rules=["BACKUP", 7]),
        backup_policy(BACKUP, KEEP, rules="all"),
        backup_policy({**BACKUP, "retention": "many"}, KEEP),
        policy(document="[1]"),
        policy(document="{"),
        policy(document='{"Version":"1","Version":"2","Statement":[]}'),
        policy(document=""),
        policy(tags=[1]),
        EstateObject(
            kind=EstateKind.BINDING,
            id="po-1:OSS:TfToken[1]",
            state={"policy_id": "po-1", "source_type": "OSS", "data_source_id": "TfToken[1]"},
        ),
        EstateObject(
            kind=EstateKind.BINDING,
            id="po-1:X:x",
            state={"policy_id": "po-1", "source_type": "X", "data_source_id": "x", "advanced_options": [7]},
        ),
        EstateObject(kind=EstateKind.ATTACHMENT, id="x", state={"policy_name": "readers"}),
        EstateObject(kind=EstateKind.VAULT, id="TfToken[1]", state={"vault_name": "gold"}),
    ],
    ids=str,
)
@pytest.mark.parametrize("target", ["alipolicy", "alicloud"])
def test_what_nobody_can_write_is_a_comment(found: EstateObject, target: str, tmp_path: Path) -> None:
    adoption = adopt_into(tmp_path, [found], target)
    assert [finding.code for finding in adoption.findings] == ["AD301"]
    texts = [path.read_text("utf-8") for path in (tmp_path / "estate").glob("*.py")]
    assert sum("# Not in the code: " in text for text in texts) == 1


@given(ANY_STRING)
def test_a_string_is_its_own_value(value: str) -> None:
    text = string(value).text
    assert ast.literal_eval(text) == value
    assert text.isprintable()


@given(ANY_STRING)
def test_an_identifier_is_one(name: str) -> None:
    assert identifier(name, "policy").isidentifier()
    assert identifier(name, "policy") == identifier(name, "policy")


def test_wide_characters_take_two_columns() -> None:
    assert columns("每日 a") == 6
