"""What a resource or provider made of plain values becomes in Terraform JSON, on either engine."""

from __future__ import annotations

import datetime
import enum
import json
import traceback
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import jsii
import pytest

from constructs_lib import AlicloudProvider, AlipolicyProvider, BackupPolicy, PolicyVersion
from constructs_lib.cdk import bridge
from constructs_lib.cdk.element import ProviderConstruct, ResourceConstruct
from constructs_lib.cdk.engine import cdktf
from tests.cdk.elements import BLOCKS, TYPE, Stack, body, provider, resource, terraform, variable


@pytest.fixture
def stack() -> Stack:
    return Stack(cdktf.Testing.app(), "stack")


def through(stack: Stack, value: object) -> object:
    """What comes out where this value went in."""
    resource(stack, attributes={"value": value})
    return body(stack).get("value")


# --- values


class Kind(enum.Enum):
    ONE = "one"


class Level(enum.IntEnum):
    LOW = 1


class Text(enum.StrEnum):
    SHORT = "short"


@pytest.mark.parametrize(
    "value",
    [
        *("text", "", '"quoted" \\ \n\t', "每日 ü 🙂", "null", "$${literal} %%{text}", "1234567890123456789"),
        *(0, -7, 2**53, -(2**53), 1.5, 1e-7, 1e20, True, False),
        *([], ["a", "b"], [1, 2], [[1], []], {}, {"a": {"b": [1]}}, {"a key": 1, "1": 2}),
        *("TfToken", "1e300", "-8.1e+298", "the Map Token Value of it"),
    ],
    ids=repr,
)
def test_a_plain_value_arrives_as_it_is(stack: Stack, value: object) -> None:
    assert through(stack, value) == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ((1, ("a",)), [1, ["a"]]),
        (Kind.ONE, "one"),
        (Level.LOW, 1),
        (Text.SHORT, "short"),
        ([Kind.ONE, {"a": Level.LOW}], ["one", {"a": 1}]),
        (MappingProxyType({"a": 1}), {"a": 1}),
        (7.0, 7),
        (None, None),
        ({"a": None, "b": [None, 1, {"c": None}]}, {"b": [1, {}]}),
        ({1: "a", False: "b", Text.SHORT: Kind.ONE}, {"1": "a", "false": "b", "short": "one"}),
    ],
    ids=repr,
)
def test_other_values_arrive_as_what_they_mean(stack: Stack, value: object, expected: object) -> None:
    assert through(stack, value) == expected


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a"}, "expected a list: a set has no order; got {'a'}"),
        (Decimal("1.5"), r"expected a string, a number, .* or a token; got Decimal\('1.5'\)"),
        (b"bytes", "expected a string, a number, .* or a token; got b'bytes'"),
        (datetime.datetime(2026, 1, 1), "expected a string, a number, .* or a token; got datetime"),
        (datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC), "expected a string, .*; got datetime"),
        (object(), "expected a string, a number, .* or a token; got <object"),
        (len, "expected a string, a number, .* or a token; got <built-in function len>"),
        (float("nan"), "expected a number that Terraform has; got nan"),
        (float("-inf"), "expected a number that Terraform has; got -inf"),
        (2**53 + 1, r"expected a number up to 2\*\*53, .*; got 9007199254740993"),
        (-(2**53) - 1, r"expected a number up to 2\*\*53, .*; got -9007199254740993"),
        ({(1, 2): "a"}, r"expected strings as the keys of a dict; got \(1, 2\)"),
    ],
)
def test_a_value_that_cannot_travel_is_refused_with_its_path(
    stack: Stack, value: object, message: str
) -> None:
    attributes = {"rules": [{}, {"retention_rules": ({"value": value},)}]}
    path = r"ResourceConstruct 'policy': rules\[1\].retention_rules\[0\].value: "
    with pytest.raises((TypeError, ValueError), match=f"^{path}{message}"):
        resource(stack, attributes=attributes)


def test_what_only_resembles_a_token_is_refused(stack: Stack) -> None:
    assert hasattr(Path, "resolve")
    with pytest.raises(TypeError, match=r"value: expected a string, a number, .* or a token; got PosixPath"):
        resource(stack, attributes={"value": Path("a")})


def test_an_object_of_the_engine_that_is_no_token_is_refused(stack: Stack) -> None:
    each = cdktf.TerraformIterator.from_list(["a"])
    with pytest.raises(TypeError, match="value: expected what an iterator has, such as its value or dynamic"):
        resource(stack, attributes={"value": each})
    with pytest.raises(TypeError, match=r"value: expected a string, .*; got <tests.cdk.test_element.Late"):
        resource(stack, attributes={"value": Late("no token")})


def test_a_construct_is_no_value(stack: Stack) -> None:
    with pytest.raises(TypeError, match="value: expected an attribute of a construct, such as its id, not"):
        resource(stack, attributes={"value": resource(stack, "other")})


def test_what_was_refused_leaves_nothing_behind(stack: Stack) -> None:
    with pytest.raises(ValueError, match="nan"):
        resource(stack, attributes={"value": float("nan")})
    resource(stack)
    assert body(stack) == {}


# --- tokens


@jsii.implements(cdktf.IAnyProducer, cdktf.IStringProducer)
class Late:
    def __init__(self, value: Any) -> None:
        self.value = value

    def produce(self, context: Any) -> Any:
        return self.value


TOKENS: dict[str, tuple[Callable[[Stack], object], object]] = {
    "text": (lambda stack: variable(stack).string_value, "${var.v}"),
    "text in text": (lambda stack: f"a {variable(stack).string_value} b", "a ${var.v} b"),
    "number": (lambda stack: variable(stack).number_value, "${var.v}"),
    "boolean": (lambda stack: variable(stack).boolean_value, "${var.v}"),
    "list": (lambda stack: variable(stack).list_value, "${var.v}"),
    "list of numbers": (lambda stack: cdktf.Token.as_number_list(variable(stack).value), "${var.v}"),
    "map": (lambda stack: cdktf.Token.as_string_map(variable(stack).value), "${var.v}"),
    "any": (lambda stack: variable(stack).value, "${var.v}"),
    "any, in a dict in a list": (lambda stack: [{"a": variable(stack).value}], [{"a": "${var.v}"}]),
    "function": (lambda stack: cdktf.Fn.upper(variable(stack).string_value), "${upper(var.v)}"),
    "function of numbers": (lambda stack: cdktf.Fn.max([1, 2]), "${max(1, 2)}"),
    "written by hand": (lambda stack: "${var.v}", "${var.v}"),
    "lazy text": (lambda stack: cdktf.Lazy.string_value(Late("late")), "late"),
    "lazy value": (lambda stack: cdktf.Lazy.any_value(Late([{"a": 1}])), [{"a": 1}]),
    "another construct's attribute": (
        lambda stack: resource(stack, "other").string_attribute("id"),
        "${alicloud_hbr_policy.other.id}",
    ),
}


@pytest.mark.parametrize(("make", "expected"), TOKENS.values(), ids=TOKENS)
def test_a_token_becomes_its_expression(
    stack: Stack, make: Callable[[Stack], object], expected: object
) -> None:
    assert through(stack, make(stack)) == expected


@jsii.implements(cdktf.IResolvable)
class Own:
    """A token that somebody wrote in Python."""

    @property
    def creation_stack(self) -> list[str]:
        return []

    def resolve(self, context: Any) -> Any:
        return ["${var.v}"]

    def to_string(self) -> str:
        return "own"


def test_a_token_made_in_python_becomes_what_it_resolves_to(stack: Stack) -> None:
    resource(stack, attributes={"value": Own(), "map": {"a": Own()}, "rules": [{"ids": Own()}]})
    expected = ["${var.v}"]
    assert body(stack) == {"value": expected, "map": {"a": expected}, "rules": [{"ids": expected}]}


def test_the_null_token_is_an_explicit_null(stack: Stack) -> None:
    resource(stack, attributes={"value": cdktf.Token.null_value(), "left_out": None})
    assert body(stack) == {"value": None}


def test_an_attribute_of_another_stack_goes_through_its_outputs() -> None:
    app = cdktf.Testing.app()
    there, here = Stack(app, "there"), Stack(app, "here")
    provider(there)
    provider(here)
    resource(here, attributes={"value": resource(there).string_attribute("id")})
    app.synth()
    written = json.loads(Path(app.outdir, "stacks", "here", "cdk.tf.json").read_text())
    assert written["resource"][TYPE]["policy"]["value"].startswith("${data.terraform_remote_state.")


# --- dynamic blocks


def test_an_iterator_makes_dynamic_blocks(stack: Stack) -> None:
    each = cdktf.TerraformIterator.from_list(["a", "b"])
    resource(stack, attributes={"rules": each.dynamic({"rule_type": each.value})})
    expected = {
        "for_each": '${toset(["a", "b"])}',
        "iterator": "each",
        "content": {"rule_type": "${each.value}"},
    }
    assert body(stack) == {"dynamic": {"rules": expected}}


def test_an_iterator_makes_dynamic_blocks_in_blocks(stack: Stack) -> None:
    each = cdktf.TerraformIterator.from_map({"a": {"key": "k"}})
    filters = each.dynamic({"key": each.get_string("key")})
    resource(stack, attributes={"rules": [{"rule_type": "TAG", "tag_filters": filters}]})
    [rule] = body(stack)["rules"]
    assert rule["rule_type"] == "TAG"
    assert rule["dynamic"]["tag_filters"]["content"] == {"key": "${each.value.key}"}


def test_an_iterator_makes_dynamic_blocks_in_dynamic_blocks(stack: Stack) -> None:
    each = cdktf.TerraformIterator.from_list(["a"])
    filters = each.dynamic({"key": each.value})
    resource(stack, attributes={"rules": each.dynamic({"rule_type": "TAG", "tag_filters": filters})})
    content = body(stack)["dynamic"]["rules"]["content"]
    assert content["rule_type"] == "TAG"
    assert content["dynamic"]["tag_filters"]["content"] == {"key": "${each.value}"}


def test_a_dynamic_expression_may_come_as_a_text_or_list_token(stack: Stack) -> None:
    each = cdktf.TerraformIterator.from_list(["a"])
    as_text = cdktf.Token.as_string(each.dynamic({"rule_type": "A"}))
    as_list = cdktf.Token.as_list(each.dynamic({"key": "k"}))
    resource(stack, "text", attributes={"rules": as_text})
    resource(stack, "list", attributes={"rules": [{"tag_filters": as_list}]})
    assert body(stack, "text")["dynamic"]["rules"]["content"] == {"rule_type": "A"}
    assert body(stack, "list")["rules"][0]["dynamic"]["tag_filters"]["content"] == {"key": "k"}


def test_where_there_is_no_block_it_is_an_expression(stack: Stack) -> None:
    each = cdktf.TerraformIterator.from_list(["a"])
    expected = '${[ for key, val in toset(["a"]): {"name" = val}]}'
    assert through(stack, each.dynamic({"name": each.value})) == expected


# --- trips to Node


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The requests that go to Node from here on."""
    process: Any = cast(Any, jsii.kernel.provider)._process
    send, requests = process.send, list[str]()

    def sent(request: Any, response: Any) -> Any:
        requests.append(type(request).__name__)
        return send(request, response)

    monkeypatch.setattr(process, "send", sent)
    return requests


def test_a_resource_takes_one_trip(stack: Stack, trips: list[str]) -> None:
    resource(stack, attributes={"rules": [{"rule_type": "A"}], "kind": Kind.ONE})
    assert trips == ["CreateRequest"]


def test_a_resource_with_tokens_and_meta_arguments_takes_one_trip(stack: Stack, trips: list[str]) -> None:
    each = cdktf.TerraformIterator.from_list(["a"])
    rules, flag = each.dynamic({"rule_type": each.value}), variable(stack, "bool").boolean_value
    trips.clear()
    resource(stack, attributes={"rules": rules, "flag": flag}, count=2)
    assert trips == ["CreateRequest"]


def test_synthesis_calls_nothing_back(stack: Stack, trips: list[str]) -> None:
    for number in range(3):
        resource(stack, f"policy-{number}", attributes={"rules": [{"rule_type": "A"}]})
    trips.clear()
    cdktf.Testing.synth(stack)
    assert trips == ["StaticInvokeRequest"]


@pytest.mark.parametrize("construct", [BackupPolicy, PolicyVersion, AlicloudProvider, AlipolicyProvider])
def test_no_name_of_our_constructs_is_one_that_node_would_call_back(construct: type) -> None:
    base = ResourceConstruct if issubclass(construct, ResourceConstruct) else ProviderConstruct
    ours = {
        name for base_class in construct.__mro__[: construct.__mro__.index(base)] for name in vars(base_class)
    }
    assert not {name for name in ours if is_known_to_node(getattr(base, name, None))}


def is_known_to_node(member: object) -> bool:
    return hasattr(getattr(member, "fget", member), "__jsii_name__")


def test_an_attribute_takes_one_trip_however_often_it_is_read(stack: Stack, trips: list[str]) -> None:
    created = resource(stack)
    trips.clear()
    assert {created.string_attribute("id") for _ in range(3)} == {created.string_attribute("id")}
    assert created.string_attribute("id") != created.string_attribute("name")
    assert trips == ["InvokeRequest"] * 2


# --- providers


def test_a_provider_says_where_it_comes_from(stack: Stack) -> None:
    provider(stack, version_constraint="~> 1.289", attributes={"region": "cn-hangzhou", "profile": None})
    assert terraform(stack) == {
        "provider": {"alicloud": [{"region": "cn-hangzhou"}]},
        "terraform": {
            "required_providers": {"alicloud": {"source": "aliyun/alicloud", "version": "~> 1.289"}}
        },
    }


def test_a_second_provider_has_an_alias(stack: Stack) -> None:
    provider(stack)
    second = provider(stack, "second", alias="beijing")
    resource(stack, provider=second)
    assert second.alias == "beijing"
    assert terraform(stack)["terraform"] == {
        "required_providers": {"alicloud": {"source": "aliyun/alicloud"}}
    }
    assert terraform(stack)["provider"] == {"alicloud": [{}, {"alias": "beijing"}]}
    assert body(stack) == {"provider": "alicloud.beijing"}


def test_the_alias_may_be_set_later(stack: Stack) -> None:
    created = provider(stack)
    assert created.alias is None
    created.alias = "beijing"
    resource(stack, provider=created)
    assert terraform(stack)["provider"] == {"alicloud": [{"alias": "beijing"}]}
    assert body(stack) == {"provider": "alicloud.beijing"}


def test_a_provider_takes_tokens_blocks_and_overrides(stack: Stack) -> None:
    role = {"role_arn": variable(stack).string_value, "policy": '{"a": "b"}'}
    created = provider(stack, attributes={"assume_role": [role]}, blocks={"assume_role": {}})
    created.add_override("protocol", "HTTP")
    expected = {"assume_role": [{**role, "role_arn": "${var.v}"}], "protocol": "HTTP"}
    assert terraform(stack)["provider"] == {"alicloud": [expected]}


def test_a_resource_without_its_provider_is_found_at_synthesis(stack: Stack) -> None:
    resource(stack)
    with pytest.raises(RuntimeError, match=r"Found resources without a matching provider .*: alicloud"):
        cdktf.Testing.synth(stack, True)


# --- errors


@pytest.mark.parametrize("make", [resource, provider])
def test_the_scope_must_be_in_a_stack(make: Callable[..., object]) -> None:
    for scope in (None, "stack", Stack, cdktf.Testing.app()):
        with pytest.raises(TypeError, match="'one': scope must be a stack or a construct in one; got"):
            make(scope, "one")


@pytest.mark.parametrize("make", [resource, provider])
def test_the_id_must_be_a_string(stack: Stack, make: Callable[..., object]) -> None:
    with pytest.raises(TypeError, match=r"(Resource|Provider)Construct 1: id must be a string; got 1"):
        make(stack, 1)


def test_an_id_that_is_taken_is_named_with_its_stack(stack: Stack) -> None:
    resource(stack)
    message = "There is already a Construct with name 'policy' in TerraformStack .stack."
    with pytest.raises(ValueError, match=f"^ResourceConstruct 'policy': {message}$"):
        resource(stack)


def test_an_id_that_is_unknown_is_refused(stack: Stack) -> None:
    with pytest.raises(ValueError, match=r"ResourceConstruct '.*TfToken.*': "):
        resource(stack, variable(stack).string_value)


class Mine(ResourceConstruct):
    def __init__(self, scope: Any, id_: str, **attributes: object) -> None:
        super().__init__(
            scope, id_, terraform_type=TYPE, provider_name="alicloud", attributes=attributes, blocks=BLOCKS
        )


@pytest.mark.parametrize("value", [float("nan"), {"a"}, None])
def test_an_error_shows_the_line_of_the_user_and_no_javascript(stack: Stack, value: object) -> None:
    Mine(stack, "taken")
    with pytest.raises((TypeError, ValueError), match="Mine 'taken': ") as caught:
        Mine(stack, "taken", value=value)  # the user's line
    frames = [frame.name for frame in traceback.extract_tb(caught.tb)]
    assert frames[1:] == ["__call__", "__init__", "__init__", "_create"]
    text = "".join(traceback.format_exception(caught.value))
    assert "# the user's line" in text
    assert "JavaScript" not in text


# --- the package for Node


def test_every_file_of_the_bridge_is_packed() -> None:
    folder = Path(bridge.__file__).parent
    assert set(bridge.FILES) == {file.name for file in folder.iterdir() if file.suffix in (".js", ".json")}


def test_the_package_is_the_same_each_time() -> None:
    assert bridge.pack("cdktf") == bridge.pack("cdktf")
    assert bridge.pack("cdktf") != bridge.pack("cdktn")


def test_the_package_has_the_version_that_is_asked_for() -> None:
    for name in ("package.json", "assembly.json"):
        text = Path(bridge.__file__).with_name(name).read_text()
        assert (json.loads(text)["name"], json.loads(text)["version"]) == (bridge.NAME, bridge.VERSION)


LONE = "a\ud800b"  # half of a surrogate pair
ODD = "\0 \u2028 \u202e \x1b[31m \x9b 😀"


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (LONE, "value"),
        (["", {"k": LONE}], r"value\[1\].k"),
        ({LONE: 1}, "value"),
        ({"k": [ODD, LONE]}, r"value.k\[1\]"),
    ],
)
@pytest.mark.parametrize("make", [resource, provider])
def test_half_of_a_surrogate_pair_is_refused_with_its_path(
    stack: Stack, make: Callable[..., object], value: object, path: str
) -> None:
    message = rf"{path}: expected a string that UTF-8 can encode; got 'a\\ud800b'"
    with pytest.raises(ValueError, match=message) as raised:
        make(stack, "odd", attributes={"value": value})
    assert str(raised.value).isprintable()
    assert "odd" not in json.dumps(terraform(stack))


def test_any_other_string_travels_unchanged(stack: Stack) -> None:
    resource(stack, attributes={"value": [ODD, {ODD: ODD}]})
    assert body(stack)["value"] == [ODD, {ODD: ODD}]


def test_any_string_is_an_id_and_its_messages_are_printable(stack: Stack) -> None:
    for id_ in (f"a{LONE}", f"b{ODD}"):
        resource(stack, id_)
        with pytest.raises(ValueError, match="There is already a Construct") as raised:
            resource(stack, id_)
        assert str(raised.value).isprintable()
    assert set(terraform(stack)["resource"][TYPE]) == {"aab", "b31m"}
    for meta in ({LONE: 1}, {"count": LONE}, {"lifecycle": {ODD: 1}}):
        with pytest.raises(TypeError) as refused:
            resource(stack, "other", **meta)
        assert str(refused.value).isprintable()
