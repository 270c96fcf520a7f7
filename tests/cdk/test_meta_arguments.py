"""What Terraform takes on any resource, beside its attributes: on either engine."""

from __future__ import annotations

import pytest

from constructs_lib.cdk.engine import cdktf
from tests.cdk.elements import TYPE, Stack, body, provider, resource, terraform, variable


@pytest.fixture
def stack() -> Stack:
    return Stack(cdktf.Testing.app(), "stack")


# --- meta-arguments


def test_every_meta_argument_arrives(stack: Stack) -> None:
    beijing = provider(stack, alias="beijing")
    other = resource(stack, "other")
    resource(
        stack,
        depends_on=[other],
        count=2,
        lifecycle=cdktf.TerraformResourceLifecycle(prevent_destroy=True, ignore_changes=["rules"]),
        provider=beijing,
        provisioners=[cdktf.LocalExecProvisioner(type="local-exec", command="true", when="destroy")],
        connection=cdktf.SSHProvisionerConnection(type="ssh", host="bastion"),
    )
    assert body(stack) == {
        "depends_on": ["alicloud_hbr_policy.other"],
        "count": 2,
        "lifecycle": {"prevent_destroy": True, "ignore_changes": ["rules"]},
        "provider": "alicloud.beijing",
        "provisioner": [{"local-exec": {"command": "true", "when": "destroy"}}],
        "connection": {"type": "ssh", "host": "bastion"},
    }


def test_meta_arguments_and_tokens_arrive_together(stack: Stack) -> None:
    resource(stack, attributes={"value": variable(stack).value}, count=2)
    assert body(stack) == {"value": "${var.v}", "count": 2}


def test_a_meta_argument_that_is_none_is_left_out(stack: Stack) -> None:
    resource(stack, count=None, lifecycle=None, provider=None, depends_on=None, for_each=None)
    assert body(stack) == {}


def test_count_may_be_a_token_or_a_terraform_count(stack: Stack) -> None:
    number = variable(stack, "number").number_value
    count = cdktf.TerraformCount.of(number)
    resource(stack, "token", count=number)
    resource(stack, "count", count=count, attributes={"value": cdktf.Token.as_string(count.index)})
    assert body(stack, "token") == {"count": "${var.v}"}
    assert body(stack, "count") == {"count": "${var.v}", "value": "${count.index}"}


def test_for_each_takes_an_iterator(stack: Stack) -> None:
    each = cdktf.TerraformIterator.from_map({"a": 1})
    created = resource(stack, for_each=each, attributes={"value": each.key})
    resource(stack, "next", for_each=cdktf.TerraformIterator.from_resources(created))
    assert body(stack) == {"for_each": {"a": 1}, "value": "${each.key}"}
    assert body(stack, "next") == {"for_each": "${alicloud_hbr_policy.policy}"}


def test_lifecycle_may_be_a_dict(stack: Stack) -> None:
    resource(stack, lifecycle={"create_before_destroy": True})
    assert body(stack) == {"lifecycle": {"create_before_destroy": True}}


def test_a_replacement_is_triggered_by_constructs_and_by_addresses(stack: Stack) -> None:
    other = resource(stack, "other")
    triggers = [other, other.fqn, other.string_attribute("id"), "terraform_data.a"]
    resource(stack, lifecycle={"replace_triggered_by": triggers})
    address = "alicloud_hbr_policy.other"
    assert body(stack)["lifecycle"] == {
        "replace_triggered_by": [address, address, f"{address}.id", "terraform_data.a"]
    }


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("provider", "alicloud.beijing", "provider must be a provider construct; got 'alicloud.beijing'"),
        ("count", "2", "count must be a whole number from 0, a number token or a TerraformCount; got '2'"),
        ("count", True, "count must be a whole number .*; got True"),
        ("count", -1, "count must be a whole number from 0, .*; got -1"),
        ("count", 1.5, "count must be a whole number .*; got 1.5"),
        (
            "for_each",
            ["a"],
            r"for_each must be an iterator, such as .*; got \['a'\]",
        ),
        ("depends_on", ["a.b"], r"depends_on must be a list of resources, .*; got \['a.b'\]"),
        ("lifecycle", ["a"], "lifecycle must be a TerraformResourceLifecycle, or a dict"),
        ("provisioners", ["a"], "provisioners must be a list of FileProvisioner, LocalExecProvisioner and"),
        (
            "connection",
            "ssh",
            "connection must be an SSHProvisionerConnection or a Winrm",
        ),
        ("depends", ["a"], "unexpected argument depends; did you mean depends_on?"),
        ("timeouts", {}, "unexpected argument timeouts$"),
    ],
)
def test_a_wrong_meta_argument_is_refused(stack: Stack, name: str, value: object, message: str) -> None:
    with pytest.raises(TypeError, match=f"^ResourceConstruct 'policy': {message}"):
        resource(stack, **{name: value})


def test_count_and_for_each_exclude_each_other(stack: Stack) -> None:
    with pytest.raises(ValueError, match=r"'policy': count and for_each exclude each other"):
        resource(stack, count=2, for_each=cdktf.TerraformIterator.from_list(["a"]))


@pytest.mark.parametrize("lifecycle", [{"prevent": True}, {"prevent_destroy": "yes"}])
def test_a_wrong_lifecycle_is_refused(stack: Stack, lifecycle: dict[str, object]) -> None:
    with pytest.raises(TypeError, match=r"^ResourceConstruct 'policy': .*prevent"):
        resource(stack, lifecycle=lifecycle)


def test_a_meta_argument_may_be_set_later(stack: Stack) -> None:
    created = resource(stack)
    created.count = 3
    created.lifecycle = cdktf.TerraformResourceLifecycle(prevent_destroy=True)
    assert body(stack) == {"count": 3, "lifecycle": {"prevent_destroy": True}}


# --- imports, moves, overrides


def test_it_imports_what_exists(stack: Stack) -> None:
    resource(stack).import_from("po-1")
    assert terraform(stack)["import"] == [{"id": "po-1", "to": "alicloud_hbr_policy.policy"}]


def test_it_is_moved_from_an_address(stack: Stack) -> None:
    resource(stack).move_from_id("alicloud_hbr_policy.old")
    assert terraform(stack)["moved"] == [
        {"from": "alicloud_hbr_policy.old", "to": "alicloud_hbr_policy.policy"}
    ]


def test_it_moves_to_an_address(stack: Stack) -> None:
    resource(stack).move_to_id("alicloud_hbr_policy.new")
    written = terraform(stack)
    assert "resource" not in written or not written["resource"]
    assert written["moved"] == [{"from": "alicloud_hbr_policy.policy", "to": "alicloud_hbr_policy.new"}]


def test_it_moves_to_a_target(stack: Stack) -> None:
    resource(stack, "new").add_move_target("home")
    resource(stack, "old").move_to("home")
    assert terraform(stack)["moved"] == [{"from": "alicloud_hbr_policy.old", "to": "alicloud_hbr_policy.new"}]


def test_overrides_are_merged_in(stack: Stack) -> None:
    created = resource(stack, attributes={"name": "a", "tags": {"a": 1}, "rules": [{"rule_type": "A"}]})
    created.add_override("name", "b")
    created.add_override("tags.b", 2)
    created.add_override("rules", [{"rule_type": "B"}])
    expected = {"name": "b", "tags": {"a": 1, "b": 2}, "rules": [{"rule_type": "A"}, {"rule_type": "B"}]}
    assert body(stack) == expected


def test_overrides_of_the_stack_are_merged_in_each_time(stack: Stack) -> None:
    resource(stack, attributes={"rules": [{"rule_type": "A", "tag_filters": [{"key": "a"}]}]})
    stack.add_override(f"resource.{TYPE}.policy.rules.0.tag_filters", [{"key": "b"}])
    expected = {"rules": [{"rule_type": "A", "tag_filters": [{"key": "a"}, {"key": "b"}]}]}
    assert [body(stack), body(stack)] == [expected, expected]


def test_tokens_in_overrides_and_conditions_become_expressions(stack: Stack) -> None:
    unknown = cdktf.TerraformVariable(stack, "w", type="bool").boolean_value
    resource(stack).add_override("flag", unknown)
    condition = cdktf.Precondition(condition=unknown, error_message="no")
    resource(stack, "two", lifecycle={"precondition": [condition]})
    assert body(stack) == {"flag": "${var.w}"}
    [written] = body(stack, "two")["lifecycle"]["precondition"]
    assert written == {"condition": "${var.w}", "error_message": "no"}


def test_the_logical_id_may_be_overridden(stack: Stack) -> None:
    resource(stack).override_logical_id("renamed")
    assert body(stack, "renamed") == {}
