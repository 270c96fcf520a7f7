"""A real Terraform's plans are decided: promote, change, demote, destroy, and what others switched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from constructs_lib.localcloud import LocalCloud
from constructs_lib.ram.access import Verdict
from constructs_lib.review.loading.files import read_input
from constructs_lib.review.report import AccessReview, Level, Report
from constructs_lib.review.reviewing import review
from tests.e2e.installed import DAILY, PLANNED, RULES
from tests.provider.conftest import Elsewhere, Workspace, others_in, provider_block
from tests.provider.test_policy_version import HCL, NAME, document
from tests.review.configurations import AT, codes, message

STAGED = HCL.replace("= true", "= false")
CHANGED = HCL.replace("oss:Get*", "oss:List*")
SECOND = CHANGED.replace('"readers"', '"next"')


@pytest.fixture
def policy(elsewhere: Elsewhere) -> Elsewhere:
    """A cloud in which the policy is there, with v1 as the default version, which allows all of OSS."""
    elsewhere.create_policy(NAME, document("oss:*"))
    return elsewhere


@pytest.fixture
def terraform(own_process: Workspace, policy: Elsewhere) -> Workspace:
    return own_process


def reviewed(workspace: Workspace, configuration: str, *arguments: str) -> Report:
    """The review of the plan for a configuration; it is not applied."""
    planned = workspace.plan(configuration, f"-out={PLANNED}", *arguments)
    assert planned.status in (0, 2), planned.text
    path = Path(workspace.directory, "plan.json")
    path.write_text(workspace.run("show", "-json", PLANNED).stdout)
    return review(read_input(path), at=AT)


def access(report: Report) -> AccessReview:
    (found,) = [resource.access for resource in report.resources() if resource.access]
    return found


def test_a_life_is_decided_plan_by_plan(terraform: Workspace) -> None:
    terraform.change(STAGED)
    promoted = access(reviewed(terraform, HCL))
    assert (promoted.verdict, promoted.against) == (Verdict.NARROWER, "v1")
    terraform.change(HCL)

    changed = access(reviewed(terraform, CHANGED))
    assert (changed.verdict, changed.against) == (Verdict.CHANGED, None)
    terraform.change(CHANGED)

    demoted = reviewed(terraform, CHANGED.replace("= true", "= false"))
    assert access(demoted).verdict is Verdict.CHANGED
    assert message(demoted, "RV324").endswith("; v2 takes over")

    destroyed = reviewed(terraform, CHANGED, "-destroy")
    assert access(destroyed).verdict is Verdict.WIDER
    assert message(destroyed, "RV325").endswith("; v1 takes over as the default version")
    assert not {"RV222", "RV224"} & {*codes(demoted), *codes(destroyed)}


def test_left_out_and_false_are_told_apart(terraform: Workspace) -> None:
    by_name = {"false": STAGED, "left": STAGED.replace("set_as_default  = false", "")}
    by_name["null"] = STAGED.replace("= false", "= null")
    by_name["var"] = STAGED.replace("= false", "= var.promote") + 'variable "promote" { default = false }'
    report = reviewed(
        terraform, "\n".join(text.replace('"readers"', f'"{name}"', 1) for name, text in by_name.items())
    )
    said = {
        resource.address.rpartition(".")[2]: [
            finding.code for finding in resource.findings if finding.code in ("PV311", "RV524")
        ]
        for resource in report.resources()
    }
    assert said == {"false": [], "left": ["PV311"], "null": ["PV311"], "var": ["RV524"]}


def test_what_others_switched_is_what_a_promotion_is_compared_with(
    terraform: Workspace, policy: Elsewhere
) -> None:
    terraform.change(HCL)
    policy.create_policy_version(NAME, document("oss:Put*"), set_as_default=True)
    put_right = access(reviewed(terraform, HCL))
    assert (put_right.verdict, put_right.against) == (Verdict.CHANGED, "v3")


def test_a_version_that_another_resource_makes_the_default_is_compared_with_the_one_until_then(
    terraform: Workspace,
) -> None:
    terraform.change(HCL)
    moved_on = reviewed(terraform, STAGED + SECOND)
    assert access(moved_on).verdict is Verdict.CHANGED
    assert access(moved_on).against == "v2"
    assert "RV222" not in codes(moved_on)


def test_a_plan_without_changes_has_none_because_of_the_default_version(terraform: Workspace) -> None:
    terraform.change(STAGED, STAGED + SECOND)
    assert terraform.plan(STAGED + SECOND).status == 0


# ------------------------------------------------------------ plans of every kind

POLICY = 'resource "alipolicy_backup_policy" "daily" {'
COUNTED = DAILY.replace('"daily" {', '"counted" {\n  count = 2').replace(
    '= "daily"', '= "counted-${count.index}"'
)
KEYED = DAILY.replace('"daily" {', '"keyed" {\n  for_each = toset(["a", "b"])').replace(
    '= "daily"', '= "keyed-${each.key}"'
)
POLICIES = DAILY + COUNTED + KEYED
RENAMED = POLICIES.replace(POLICY, POLICY.replace("daily", "renamed"))
SHORTER = ("retention = 30", "retention = 3")
SENSITIVE = 'variable "value" {\n  sensitive = true\n  default = "3"\n}\n'
LATER = 'resource "terraform_data" "later" {\n  input = "3"\n}\n'


def moved(type_name: str, start: str, to: str) -> str:
    return f"moved {{\n  from = {type_name}.{start}\n  to = {type_name}.{to}\n}}\n"


def removed(address: str, *, is_destroyed: bool) -> str:
    destroy = "true" if is_destroyed else "false"
    return f"removed {{\n  from = {address}\n  lifecycle {{\n    destroy = {destroy}\n  }}\n}}\n"


def with_lifecycle(configuration: str, argument: str) -> str:
    """With an argument of `lifecycle` for the first resource."""
    return configuration.replace('" {\n', f'" {{\n  lifecycle {{\n    {argument}\n  }}\n', 1)


def errors(report: Report) -> set[str]:
    return {
        finding.code for finding in report.all_findings() if finding.level is Level.ERROR and finding.is_open
    }


# The configuration and what else the plan is made with, and the codes of the errors that it deserves.
OF_BACKUPS: dict[str, tuple[str, list[str], set[str]]] = {
    "as it is": (POLICIES, [], set()),
    "moved": (RENAMED + moved("alipolicy_backup_policy", "daily", "renamed"), [], set()),
    "moved and shortened": (
        RENAMED.replace(*SHORTER) + moved("alipolicy_backup_policy", "daily", "renamed"),
        [],
        {"RV201", "RV202", "RV203"},
    ),
    "renamed without a moved block": (RENAMED, [], {"RV207"}),
    "no longer managed": (
        COUNTED + KEYED + removed("alipolicy_backup_policy.daily", is_destroyed=False),
        [],
        set(),
    ),
    "removed": (
        COUNTED + KEYED + removed("alipolicy_backup_policy.daily", is_destroyed=True),
        [],
        {"RV207"},
    ),
    "-target": (POLICIES, ["-target=alipolicy_backup_policy.daily"], {"RV252"}),
    "-refresh-only": (POLICIES, ["-refresh-only"], {"RV252"}),
    "-destroy": (POLICIES, ["-destroy"], {"RV207"}),
    "-replace": (POLICIES, ["-replace=alipolicy_backup_policy.daily"], {"RV207"}),
    "created before it is destroyed": (
        with_lifecycle(POLICIES, "create_before_destroy = true"),
        ["-replace=alipolicy_backup_policy.daily"],
        {"RV207"},
    ),
    "one instance less": (POLICIES.replace("count = 2", "count = 1"), [], {"RV207"}),
    "one key less": (POLICIES.replace('["a", "b"]', '["a"]'), [], {"RV207"}),
    "keys instead of a count": (
        POLICIES.replace("count = 2", 'for_each = toset(["0", "1"])').replace("count.index", "each.key"),
        [],
        {"RV207"},
    ),
    "a sensitive retention": (
        SENSITIVE + POLICIES.replace("retention = 30", "retention = var.value"),
        [],
        {"RV251", "RV263"},
    ),
    "a retention known later": (
        LATER + POLICIES.replace("retention = 30", "retention = terraform_data.later.output"),
        [],
        {"RV251", "RV263"},
    ),
    "ignored": (
        with_lifecycle(DAILY.replace(*SHORTER), "ignore_changes = [rules]") + COUNTED + KEYED,
        [],
        set(),
    ),
}
# After somebody shortened it.
OF_DRIFT: dict[str, tuple[str, list[str], set[str]]] = {
    "put back": (POLICIES, [], set()),
    "taken over": (DAILY.replace(*SHORTER) + COUNTED + KEYED, [], {"RV253"}),
    "ignored": (with_lifecycle(POLICIES, "ignore_changes = [rules]"), [], {"RV253"}),
    "-refresh-only": (POLICIES, ["-refresh-only"], {"RV252", "RV256"}),
}


def test_plans_of_backup_policies_have_the_errors_that_they_deserve(
    attached: Workspace, elsewhere: Elsewhere
) -> None:
    assert attached.apply(POLICIES).status == 0
    for name, (configuration, arguments, expected) in OF_BACKUPS.items():
        assert errors(reviewed(attached, configuration, *arguments)) == expected, name

    (policy,) = [each for each in elsewhere.backup_policies() if each.policy_name == "daily"]
    rules = [*RULES[:-1], {**RULES[-1], "Retention": 3}]
    elsewhere.update_backup_policy(policy.policy_id, rules=rules)
    for name, (configuration, arguments, expected) in OF_DRIFT.items():
        assert errors(reviewed(attached, configuration, *arguments)) == expected, f"drift {name}"

    elsewhere.delete_backup_policy(policy.policy_id)
    assert errors(reviewed(attached, POLICIES)) == {"RV253"}
    assert errors(reviewed(attached, COUNTED + KEYED)) == {"RV256"}


def test_what_is_imported_is_compared_with_what_is_there(attached: Workspace, elsewhere: Elsewhere) -> None:
    policy = elsewhere.create_backup_policy("daily", policy_type="STANDARD", rules=RULES)
    block = f'import {{\n  to = alipolicy_backup_policy.daily\n  id = "{policy.value}"\n}}\n'
    assert errors(reviewed(attached, DAILY + block)) == set()
    assert errors(reviewed(attached, DAILY.replace(*SHORTER) + block)) == {"RV201", "RV202", "RV203"}


OF_VERSIONS: dict[str, tuple[str, list[str], set[str]]] = {
    "replaced": (HCL, ["-replace=alipolicy_policy_version.readers"], set()),
    "no longer managed": (removed("alipolicy_policy_version.readers", is_destroyed=False), [], set()),
    "removed, and v1 takes over": ("", [], {"RV221"}),
    "moved and changed": (
        CHANGED.replace('" "readers"', '" "moved"') + moved("alipolicy_policy_version", "readers", "moved"),
        [],
        set(),
    ),
    "-target": (CHANGED + SECOND, ["-target=alipolicy_policy_version.readers"], {"RV252"}),
    "a document known later": (
        LATER + HCL.replace('"oss:Get*"', "terraform_data.later.output"),
        [],
        {"RV222"},
    ),
    "a sensitive document": (SENSITIVE + HCL.replace('"oss:Get*"', "var.value"), [], {"RV222"}),
    "a default version known later": (
        LATER + HCL.replace("= true", '= terraform_data.later.output == "3"'),
        [],
        {"RV222", "RV251"},
    ),
    "of another policy": (HCL.replace(f'"{NAME}"', '"other"'), [], {"RV221", "RV222"}),
}


def test_plans_of_policy_versions_have_the_errors_that_they_deserve(
    attached: Workspace, policy: Elsewhere
) -> None:
    policy.create_policy("other", document("oss:*"))
    assert attached.apply(HCL).status == 0
    for name, (configuration, arguments, expected) in OF_VERSIONS.items():
        assert errors(reviewed(attached, configuration, *arguments)) == expected, name

    policy.set_default_policy_version(NAME, "v1")
    assert errors(reviewed(attached, HCL)) == set()
    assert errors(reviewed(attached, STAGED)) == {"RV253"}


def test_a_target_that_passes_over_nothing_is_told_where_the_plan_says_so(
    attached: Workspace, policy: Elsewhere
) -> None:
    report = reviewed(attached, HCL, "-target=alipolicy_policy_version.readers")
    # OpenTofu has no such field: all that there is was planned, and nothing shows the -target.
    says_so = "complete" in json.loads((attached.directory / "plan.json").read_text())
    assert ("RV252" in errors(report)) is says_so


def test_versions_are_decided_from_two_states(attached: Workspace, policy: Elsewhere) -> None:
    states = {}
    for name, configuration in {"staged": STAGED, "default": HCL, "changed": CHANGED}.items():
        assert attached.apply(configuration).status == 0
        states[name] = attached.directory / f"{name}.json"
        states[name].write_text(attached.run("show", "-json").stdout)

    def between(old: str, new: str) -> Report:
        return review(read_input(states[new], states[old]), at=AT)

    assert access(between("staged", "default")).verdict is Verdict.NARROWER
    assert access(between("default", "changed")).verdict is Verdict.CHANGED
    demoted = between("default", "staged")
    assert access(demoted).verdict is Verdict.WIDER
    assert errors(demoted) == {"RV221"}


def test_two_accounts_have_policies_of_the_same_name(
    terraform: Workspace, cloud: LocalCloud, direct: None
) -> None:
    with LocalCloud() as second:
        others_in(second).create_policy(NAME, document("oss:Put*"))
        providers = provider_block(cloud) + provider_block(second, alias="other")
        there = HCL.replace('"readers" {', '"there" {\n  provider = alipolicy.other')
        applied = terraform.apply(providers + HCL + there.replace("= true", "= false"))
        assert applied.status == 0, applied.text

        report = reviewed(terraform, providers + HCL + there)
        assert (access(report).verdict, access(report).against) == (Verdict.CHANGED, "v1")
        assert errors(report) == set()

        elsewhere = providers + HCL.replace('"readers" {', '"readers" {\n  provider = alipolicy.other')
        assert errors(reviewed(terraform, elsewhere + there)) == {"RV222", "RV223"}
        assert codes(reviewed(terraform, providers + HCL)) == ["RV532"]
