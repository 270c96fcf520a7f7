"""What people write in stacks, each thing once: where our constructs must equal the official ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import jsii

from constructs_lib.cdk.engine import cdktf
from tests.e2e.alicloud import Alicloud

Stack = cdktf.TerraformStack
Case = Callable[[Stack, Alicloud], None]

CASES: list[Case] = []

BACKUP = {"rule_type": "BACKUP", "schedule": "I|1648647166|P1D", "backup_type": "COMPLETE", "vault_id": "v-1"}
TRANSITION = {"rule_type": "TRANSITION", "retention": 30}
RULES = [BACKUP, TRANSITION]
DOCUMENT = '{"Statement":[{"Action":["oss:*"],"Effect":"Allow","Resource":["acs:oss:*:*:*"]}],"Version":"1"}'


def case(build: Case) -> Case:
    """A case for a stack that has a provider already."""

    @wraps(build)
    def with_provider(stack: Stack, alicloud: Alicloud) -> None:
        alicloud.provider(stack, region="cn-hangzhou")
        build(stack, alicloud)

    return provider_case(with_provider)


def provider_case(build: Case) -> Case:
    """A case that brings its own providers."""
    CASES.append(build)
    return build


def variable(stack: Stack, name: str, kind: str) -> cdktf.TerraformVariable:
    return cdktf.TerraformVariable(stack, name, type=kind)


def vault(stack: Stack) -> cdktf.DataResource:
    """Something with an id that only Terraform knows."""
    return cdktf.DataResource(stack, "vault")


# --- literals


@case
def every_attribute_of_a_backup_policy(stack: Stack, alicloud: Alicloud) -> None:
    alicloud.backup_policy(
        stack,
        policy_name="Daily local backup + cross-region backup",
        policy_type="STANDARD",
        policy_description="Back up once daily at 10:00 AM, with cross-region backup to Shanghai.",
        rules=[
            {**BACKUP, "retention": 7, "keep_latest_snapshots": 1},
            {
                **TRANSITION,
                "keep_latest_snapshots": 0,
                "archive_days": 30,
                "retention": 730,
                "retention_rules": [
                    {"advanced_retention_type": "WEEKLY", "retention": 800},
                    {"advanced_retention_type": "YEARLY", "retention": 3650},
                ],
            },
            {"rule_type": "REPLICATION", "replication_region_id": "cn-shanghai", "retention": 7},
            {
                "rule_type": "TAG",
                "data_source_filters": [{"source_type": "OSS"}, {"source_type": "NAS"}],
                "tag_filters": [
                    {"key": "env", "value": "prod", "operator": "EQUAL"},
                    {"key": "team", "value": "", "operator": "NOT"},
                    {"key": "any", "operator": "EQUAL"},
                ],
            },
        ],
    )


@case
def backup_lock_of_ecs_instances(stack: Stack, alicloud: Alicloud) -> None:
    backup = {"rule_type": "BACKUP", "schedule": "C|1631685600|0 0 2 ? * 3,5,7", "backup_type": "COMPLETE"}
    alicloud.backup_policy(
        stack,
        policy_name="locked",
        policy_type="UDM_ECS_ONLY",
        rules=[
            {**backup, "immutable": True, "retention": 1},
            {**TRANSITION, "retention": 364635, "immutable": False},
        ],
    )


@case
def empty_lists_of_blocks(stack: Stack, alicloud: Alicloud) -> None:
    tag = {"rule_type": "TAG", "data_source_filters": [], "tag_filters": []}
    rules = [BACKUP, {**TRANSITION, "retention_rules": []}, tag]
    alicloud.backup_policy(stack, policy_name="none", rules=rules)


@case
def text_that_needs_escaping(stack: Stack, alicloud: Alicloud) -> None:
    alicloud.backup_policy(
        stack,
        policy_name="每日备份 😀 \"A\" \\ 'b' ü \u2028 </a> \\n",
        policy_description="two\nlines\r\n\tand $${literal} %%{text} for 5$ or 10% $$ %% {} 1e300",
        rules=RULES,
    )


@case
def two_policies(stack: Stack, alicloud: Alicloud) -> None:
    alicloud.backup_policy(stack, "one", policy_name="one", rules=RULES)
    alicloud.backup_policy(stack, "two", policy_name="two", rules=RULES)


@case
def a_policy_inside_another_construct(stack: Stack, alicloud: Alicloud) -> None:
    alicloud.backup_policy(cdktf.TerraformElement(stack, "team"), policy_name="nested", rules=RULES)


@case
def a_ram_policy(stack: Stack, alicloud: Alicloud) -> None:
    alicloud.ram_policy(stack, policy_name="OSS-Administrator", policy_document=DOCUMENT)


@case
def a_ram_policy_that_rotates(stack: Stack, alicloud: Alicloud) -> None:
    alicloud.ram_policy(
        stack,
        policy_name="OSS-Administrator",
        policy_document=DOCUMENT,
        rotate_strategy="DeleteOldestNonDefaultVersionWhenLimitExceeded",
    )
    alicloud.ram_policy(stack, "b", policy_name="b", policy_document=DOCUMENT, rotate_strategy="None")


# --- tokens


@case
def an_id_alone_in_text_and_in_nested_blocks(stack: Stack, alicloud: Alicloud) -> None:
    unknown = vault(stack).id
    alicloud.backup_policy(
        stack,
        policy_name=unknown,
        policy_description=f"into {unknown}, daily",
        rules=[
            {**BACKUP, "vault_id": unknown},
            {**TRANSITION, "retention_rules": [{"advanced_retention_type": unknown, "retention": 800}]},
            {
                "rule_type": "TAG",
                "data_source_filters": [{"source_type": unknown}],
                "tag_filters": [{"key": f"env-{unknown}", "value": unknown, "operator": unknown}],
            },
        ],
    )


@case
def a_number_variable(stack: Stack, alicloud: Alicloud) -> None:
    days = variable(stack, "days", "number").number_value
    alicloud.backup_policy(
        stack,
        policy_name="number",
        rules=[
            {**BACKUP, "retention": days, "keep_latest_snapshots": days},
            {
                **TRANSITION,
                "retention": days,
                "archive_days": days,
                "retention_rules": [{"advanced_retention_type": "DAILY", "retention": days}],
            },
        ],
    )


@case
def text_variables(stack: Stack, alicloud: Alicloud) -> None:
    text = variable(stack, "text", "string").string_value
    alicloud.backup_policy(
        stack,
        policy_name=text,
        policy_type=text,
        policy_description=text,
        rules=[
            {**BACKUP, "rule_type": text, "schedule": text, "backup_type": text},
            {**TRANSITION, "rule_type": "TRANSITION", "replication_region_id": text},
        ],
    )


@case
def boolean_variables(stack: Stack, alicloud: Alicloud) -> None:
    locked = variable(stack, "locked", "bool").boolean_value
    rules = [{**BACKUP, "immutable": locked}, TRANSITION]
    alicloud.backup_policy(stack, policy_name="locked", policy_type="UDM_ECS_ONLY", rules=rules)


@case
def elements_of_list_and_map_variables(stack: Stack, alicloud: Alicloud) -> None:
    names = variable(stack, "names", "list(string)").list_value
    tags = cdktf.Token.as_string_map(variable(stack, "tags", "map(string)").value)
    alicloud.backup_policy(
        stack,
        policy_name=cdktf.Token.as_string(cdktf.Fn.element(names, 0)),
        policy_description=cdktf.Token.as_string(cdktf.Fn.lookup(tags, "env", "none")),
        rules=[{**BACKUP, "vault_id": cdktf.Fn.join("-", names)}, {**TRANSITION, "retention": 7}],
    )


@case
def functions(stack: Stack, alicloud: Alicloud) -> None:
    days = variable(stack, "days", "number").number_value
    names = variable(stack, "names", "list(string)").list_value
    alicloud.backup_policy(
        stack,
        policy_name=cdktf.Fn.upper(cdktf.Fn.join("-", ["daily", vault(stack).id])),
        policy_description=f"{cdktf.Fn.length_of(names)} names",
        rules=[
            {**BACKUP, "retention": cdktf.Fn.max([7, days])},
            {**TRANSITION, "retention": cdktf.Fn.length_of(names)},
        ],
    )


@case
def expressions_written_as_text(stack: Stack, alicloud: Alicloud) -> None:
    vault(stack)
    alicloud.backup_policy(
        stack,
        policy_name="${terraform_data.vault.id}",
        policy_description='%{if true}${upper("a")}%{endif} "${join("}", ["\\"{", "b"])}" \\',
        rules=RULES,
    )


@case
def a_conditional(stack: Stack, alicloud: Alicloud) -> None:
    long = variable(stack, "long", "bool").boolean_value
    days = cdktf.Token.as_number(cdktf.Fn.conditional(long, 365, 7))
    alicloud.backup_policy(stack, policy_name="a", rules=[BACKUP, {**TRANSITION, "retention": days}])


@case
def lazy_text(stack: Stack, alicloud: Alicloud) -> None:
    late = cdktf.Lazy.string_value(Late("said later"))
    alicloud.backup_policy(stack, policy_name=late, policy_description=f"as {late}", rules=RULES)


@case
def lazy_rules(stack: Stack, alicloud: Alicloud) -> None:
    alicloud.backup_policy(stack, policy_name="late", rules=cdktf.Lazy.any_value(Late(RULES)))


@case
def lazy_nested_blocks(stack: Stack, alicloud: Alicloud) -> None:
    kept = cdktf.Lazy.any_value(Late([{"advanced_retention_type": "DAILY", "retention": 90}]))
    transition = {**TRANSITION, "retention_rules": kept}
    alicloud.backup_policy(stack, policy_name="late", rules=[BACKUP, transition])


@case
def null(stack: Stack, alicloud: Alicloud) -> None:
    nothing = cdktf.Token.null_value()
    alicloud.backup_policy(
        stack,
        policy_name="null",
        policy_description=cdktf.Token.as_string(nothing),
        rules=[{**BACKUP, "immutable": nothing, "retention": cdktf.Token.as_number(nothing)}, TRANSITION],
    )


@case
def unset_arguments(stack: Stack, alicloud: Alicloud) -> None:
    transition = {**TRANSITION, "retention_rules": None, "archive_days": None}
    alicloud.backup_policy(
        stack, policy_name="a", policy_description=None, lifecycle=None, rules=[BACKUP, transition]
    )


@case
def a_reference_to_another_stack(stack: Stack, alicloud: Alicloud) -> None:
    other = cdktf.TerraformStack(cdktf.App.of(stack), "other")
    rules = [{**BACKUP, "vault_id": vault(other).id}, TRANSITION]
    alicloud.backup_policy(stack, policy_name="across", rules=rules)


@case
def a_ram_policy_of_tokens(stack: Stack, alicloud: Alicloud) -> None:
    document = variable(stack, "document", "string").string_value
    alicloud.ram_policy(
        stack, policy_name=vault(stack).id, policy_document=document, rotate_strategy=document
    )


@case
def a_ram_policy_document_made_by_terraform(stack: Stack, alicloud: Alicloud) -> None:
    bucket = variable(stack, "bucket", "string").string_value
    statement = {"Effect": "Allow", "Action": "oss:*", "Resource": f"acs:oss:*:*:{bucket}/*"}
    document = cdktf.Fn.jsonencode({"Version": "1", "Statement": [statement]})
    alicloud.ram_policy(stack, policy_name="made", policy_document=document)


@case
def a_ram_policy_document_with_tokens_inside(stack: Stack, alicloud: Alicloud) -> None:
    bucket = variable(stack, "bucket", "string").string_value
    document = DOCUMENT.replace("acs:oss:*:*:*", f'acs:oss:*:*:{bucket}/${{upper("a")}}')
    alicloud.ram_policy(stack, policy_name="inside", policy_document=document)


@case
def a_ram_policy_document_with_policy_variables(stack: Stack, alicloud: Alicloud) -> None:
    document = DOCUMENT.replace("acs:oss:*:*:*", "acs:oss:*:*:$${acs:PrincipalId}/*")
    alicloud.ram_policy(stack, policy_name="variables", policy_document=document)


# --- meta-arguments


@case
def depends_on(stack: Stack, alicloud: Alicloud) -> None:
    first = alicloud.ram_policy(stack, policy_name="a", policy_document=DOCUMENT, depends_on=[vault(stack)])
    alicloud.backup_policy(stack, policy_name="a", rules=RULES, depends_on=[first])


@case
def every_key_of_lifecycle(stack: Stack, alicloud: Alicloud) -> None:
    known = f'${{{vault(stack).fqn}.id != ""}}'
    lifecycle = cdktf.TerraformResourceLifecycle(
        create_before_destroy=True,
        prevent_destroy=False,
        ignore_changes=["policy_name", "rules[0].retention"],
        replace_triggered_by=["terraform_data.vault.id"],
        precondition=[cdktf.Precondition(condition="${1 > 0}", error_message="too small")],
        postcondition=[cdktf.Postcondition(condition=known, error_message="no id")],
    )
    alicloud.backup_policy(stack, policy_name="a", rules=RULES, lifecycle=lifecycle)
    alicloud.ram_policy(stack, policy_name="b", policy_document=DOCUMENT, lifecycle=lifecycle)


@case
def ignore_all_changes(stack: Stack, alicloud: Alicloud) -> None:
    alicloud.backup_policy(stack, policy_name="a", rules=RULES, lifecycle={"ignore_changes": "all"})


@case
def count(stack: Stack, alicloud: Alicloud) -> None:
    alicloud.backup_policy(stack, policy_name="number", rules=RULES, count=2)
    times = cdktf.TerraformCount.of(variable(stack, "times", "number").number_value)
    name = cdktf.Token.as_string(times.index)
    alicloud.backup_policy(stack, "counted", policy_name=f"a-{name}", rules=RULES, count=times)
    alicloud.ram_policy(stack, policy_name=f"a-{name}", policy_document=DOCUMENT, count=times)


@case
def count_of_a_variable(stack: Stack, alicloud: Alicloud) -> None:
    times = variable(stack, "times", "number").number_value
    alicloud.backup_policy(stack, policy_name="counted", rules=RULES, count=times)


@case
def for_each_over_a_list(stack: Stack, alicloud: Alicloud) -> None:
    each = cdktf.TerraformIterator.from_list(["a", "b"])
    alicloud.backup_policy(stack, policy_name=cdktf.Token.as_string(each.value), rules=RULES, for_each=each)
    alicloud.ram_policy(
        stack, policy_name=cdktf.Token.as_string(each.value), policy_document=DOCUMENT, for_each=each
    )


@case
def for_each_over_a_map(stack: Stack, alicloud: Alicloud) -> None:
    each = cdktf.TerraformIterator.from_map(
        {"a": {"days": 7, "vault": "v-1"}, "b": {"days": 9, "vault": "v-2"}}
    )
    rules = [
        {**BACKUP, "vault_id": each.get_string("vault")},
        {**TRANSITION, "retention": each.get_number("days")},
    ]
    alicloud.backup_policy(stack, policy_name=each.key, rules=rules, for_each=each)


@case
def for_each_over_other_resources(stack: Stack, alicloud: Alicloud) -> None:
    each = cdktf.TerraformIterator.from_list(["a", "b"])
    name = cdktf.Token.as_string(each.value)
    policies = alicloud.backup_policy(stack, policy_name=name, rules=RULES, for_each=each)
    chained = cdktf.TerraformIterator.from_resources(policies)
    name = chained.get_string("policy_name")
    alicloud.ram_policy(stack, policy_name=name, policy_document=DOCUMENT, for_each=chained)


@case
def a_dynamic_block(stack: Stack, alicloud: Alicloud) -> None:
    each = cdktf.TerraformIterator.from_list(variable(stack, "names", "list(string)").list_value)
    rules = each.dynamic({"rule_type": each.value, "retention": 7, "retention_rules": [{"retention": 90}]})
    alicloud.backup_policy(stack, policy_name="dynamic", rules=rules)


@case
def a_dynamic_block_over_objects(stack: Stack, alicloud: Alicloud) -> None:
    each = cdktf.TerraformIterator.from_complex_list(
        cdktf.Token.as_any(variable(stack, "rules", "list(object({type=string,days=number}))").value), "type"
    )
    rules = each.dynamic({"rule_type": each.get_string("type"), "retention": each.get_number("days")})
    alicloud.backup_policy(stack, policy_name="dynamic", rules=rules)


@case
def meta_arguments_set_later(stack: Stack, alicloud: Alicloud) -> None:
    policy = alicloud.backup_policy(stack, policy_name="a", rules=RULES)
    policy.count = 2
    policy.depends_on = [vault(stack).fqn]
    policy.lifecycle = cdktf.TerraformResourceLifecycle(prevent_destroy=True)
    policy.provider = alicloud.provider(stack, "beijing", alias="beijing")


@case
def provisioners_and_their_connection(stack: Stack, alicloud: Alicloud) -> None:
    connection = cdktf.SSHProvisionerConnection(type="ssh", host="bastion", user="root", timeout="5m")
    alicloud.backup_policy(
        stack,
        policy_name="a",
        rules=RULES,
        connection=connection,
        provisioners=[
            cdktf.LocalExecProvisioner(
                type="local-exec", command=f"echo {vault(stack).id}", environment={"A": "b"}, when="destroy"
            ),
            cdktf.FileProvisioner(type="file", destination="/tmp/a", content="text", connection=connection),
            cdktf.RemoteExecProvisioner(type="remote-exec", inline=["true", "false"]),
            cdktf.LocalExecProvisioner(type="local-exec", command='echo "again"'),
        ],
    )


@case
def import_from(stack: Stack, alicloud: Alicloud) -> None:
    alicloud.backup_policy(stack, policy_name="a", rules=RULES).import_from("po-000000zemnuyx2li3y9y")
    alicloud.ram_policy(stack, policy_name="a", policy_document=DOCUMENT).import_from("OSS-Administrator")


@case
def import_from_with_another_provider(stack: Stack, alicloud: Alicloud) -> None:
    beijing = alicloud.provider(stack, "beijing", region="cn-beijing", alias="beijing")
    policy = alicloud.backup_policy(stack, policy_name="a", rules=RULES, provider=beijing)
    policy.import_from("po-1", beijing)


@case
def move_from_id(stack: Stack, alicloud: Alicloud) -> None:
    alicloud.backup_policy(stack, policy_name="a", rules=RULES).move_from_id("alicloud_hbr_policy.old")
    alicloud.ram_policy(stack, policy_name="a", policy_document=DOCUMENT).move_from_id(
        "alicloud_ram_policy.old"
    )


@case
def move_to(stack: Stack, alicloud: Alicloud) -> None:
    alicloud.backup_policy(stack, "old", policy_name="a", rules=RULES).move_to("new-home")
    alicloud.backup_policy(stack, "new", policy_name="b", rules=RULES).add_move_target("new-home")


@case
def move_to_one_of_many(stack: Stack, alicloud: Alicloud) -> None:
    each = cdktf.TerraformIterator.from_list(["a", "b"])
    new = alicloud.backup_policy(
        stack, "new", policy_name=cdktf.Token.as_string(each.value), rules=RULES, for_each=each
    )
    new.add_move_target("new-home")
    alicloud.backup_policy(stack, "old", policy_name="a", rules=RULES).move_to("new-home", "a")


@case
def move_to_id(stack: Stack, alicloud: Alicloud) -> None:
    alicloud.backup_policy(stack, policy_name="a", rules=RULES).move_to_id("alicloud_hbr_policy.new")


@case
def add_override(stack: Stack, alicloud: Alicloud) -> None:
    policy = alicloud.backup_policy(stack, policy_name="a", rules=RULES)
    policy.add_override("policy_description", "overridden")
    policy.add_override("rules.0.retention", 99)
    policy.add_override("timeouts", {"create": "9m"})
    longer = alicloud.backup_policy(stack, "longer", policy_name="b", rules=RULES)
    longer.add_override("rules", [{"rule_type": "TAG"}])
    alicloud.ram_policy(stack, policy_name="a", policy_document=DOCUMENT).add_override("force", True)


@case
def overrides_of_the_stack(stack: Stack, alicloud: Alicloud) -> None:
    alicloud.backup_policy(stack, policy_name="a", rules=RULES)
    stack.add_override("resource.alicloud_hbr_policy.daily.policy_description", "overridden")
    stack.add_override("resource.alicloud_hbr_policy.daily.rules.1.retention", 99)
    kept = {"advanced_retention_type": "YEARLY", "retention": 730}
    rules = [BACKUP, {**TRANSITION, "retention_rules": [kept]}]
    alicloud.backup_policy(stack, "longer", policy_name="b", rules=rules)
    stack.add_override("resource.alicloud_hbr_policy.longer.rules", [{"rule_type": "TAG"}])
    stack.add_override("resource.alicloud_hbr_policy.longer.rules.1.retention_rules", [kept])


@case
def overrides_of_an_aspect(stack: Stack, alicloud: Alicloud) -> None:
    alicloud.backup_policy(stack, policy_name="a", rules=RULES)
    alicloud.ram_policy(stack, policy_name="a", policy_document=DOCUMENT)
    cdktf.Aspects.of(stack).add(ProtectEverything())


@case
def override_logical_id(stack: Stack, alicloud: Alicloud) -> None:
    alicloud.backup_policy(stack, policy_name="a", rules=RULES).override_logical_id("renamed")


# --- what others read from them


@case
def outputs(stack: Stack, alicloud: Alicloud) -> None:
    backups = alicloud.backup_policy(stack, policy_name="a", rules=RULES)
    access = alicloud.ram_policy(stack, policy_name="a", policy_document=DOCUMENT)
    values = {
        "fqn": backups.fqn,
        "id": alicloud.policy_id(backups),
        "create_time": backups.create_time,
        "a_string": backups.get_string_attribute("policy_name"),
        "a_number": backups.get_number_attribute("rules[0].retention"),
        "interpolation": backups.interpolation_for_attribute("create_time"),
        "version_id": access.version_id,
    }
    for name, value in values.items():
        cdktf.TerraformOutput(stack, name, value=value, static_id=True)


@case
def a_policy_that_another_stack_reads(stack: Stack, alicloud: Alicloud) -> None:
    policy_id = alicloud.policy_id(alicloud.backup_policy(stack, policy_name="a", rules=RULES))
    other = cdktf.TerraformStack(cdktf.App.of(stack), "other")
    cdktf.TerraformOutput(other, "policy", value=f"id: {policy_id}", static_id=True)


@case
def a_policy_that_another_resource_reads(stack: Stack, alicloud: Alicloud) -> None:
    policy_id = alicloud.policy_id(alicloud.backup_policy(stack, policy_name="a", rules=RULES))
    alicloud.ram_policy(stack, policy_name=f"for-{policy_id}", policy_document=DOCUMENT)


# --- providers


@provider_case
def two_regions(stack: Stack, alicloud: Alicloud) -> None:
    alicloud.provider(stack, region="cn-hangzhou")
    beijing = alicloud.provider(stack, "beijing", region="cn-beijing", alias="beijing")
    alicloud.backup_policy(stack, policy_name="here", rules=RULES)
    alicloud.backup_policy(stack, "there", policy_name="there", rules=RULES, provider=beijing)
    alicloud.ram_policy(stack, policy_name="a", policy_document=DOCUMENT, provider=beijing)


@provider_case
def an_alias_set_later(stack: Stack, alicloud: Alicloud) -> None:
    beijing = alicloud.provider(stack, region="cn-beijing")
    beijing.alias = "beijing"
    alicloud.backup_policy(stack, policy_name="there", rules=RULES, provider=beijing)


@provider_case
def credentials(stack: Stack, alicloud: Alicloud) -> None:
    secret = variable(stack, "secret", "string").string_value
    alicloud.provider(
        stack,
        region="cn-hangzhou",
        access_key="key",
        secret_key=secret,
        security_token=secret,
        account_id="1",
    )


@provider_case
def a_profile(stack: Stack, alicloud: Alicloud) -> None:
    alicloud.provider(
        stack,
        region=variable(stack, "region", "string").string_value,
        profile="prod",
        shared_credentials_file="~/.aliyun/config.json",
        ecs_role_name="backup",
        protocol="HTTPS",
    )


@provider_case
def an_assumed_role(stack: Stack, alicloud: Alicloud) -> None:
    alicloud.provider(
        stack,
        region="cn-hangzhou",
        assume_role={
            "role_arn": "acs:ram::1:role/backup",
            "session_name": "alipolicy",
            "session_expiration": 3600,
            "external_id": "e",
            "policy": DOCUMENT,
        },
    )


@provider_case
def endpoints(stack: Stack, alicloud: Alicloud) -> None:
    host = variable(stack, "host", "string").string_value
    alicloud.provider(stack, region="cn-hangzhou", endpoints=[{"hbr": "h", "ram": host, "sts": f"s.{host}"}])


@provider_case
def a_provider_without_arguments(stack: Stack, alicloud: Alicloud) -> None:
    alicloud.provider(stack)
    alicloud.backup_policy(stack, policy_name="a", rules=RULES)


@provider_case
def an_overridden_provider(stack: Stack, alicloud: Alicloud) -> None:
    alicloud.provider(stack, region="cn-hangzhou").add_override("protocol", "HTTP")


@jsii.implements(cdktf.IAspect)
class ProtectEverything:
    """What a platform team does to all resources of a stack."""

    def visit(self, node: Any) -> None:
        if isinstance(node, cdktf.TerraformResource):
            node.add_override("lifecycle.prevent_destroy", True)


@jsii.implements(cdktf.IAnyProducer, cdktf.IStringProducer)
class Late:
    """A value that CDKTF asks for when it writes the configuration."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def produce(self, context: Any) -> Any:
        return self.value
