"""What CreatePolicyBindings takes: one function per finding code.

A check looks at known values only, as all of `constructs_lib.backup.checks` do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from attrs import fields, frozen

from constructs_lib.backup.binding import (
    AdvancedOptions,
    BackupPolicyBindingProps,
    BindingAccountType,
    BoundType,
    InventoryCleanupPolicy,
    OssDetail,
    UdmDetail,
)
from constructs_lib.backup.policy_view import is_set, says_something
from constructs_lib.backup.prop_types import prop_type_problems
from constructs_lib.backup.rule import PolicyType
from constructs_lib.backup.sources import BINDING_SDK, BINDING_TESTS, PAGE
from constructs_lib.findings import (
    Basis,
    Check,
    Finding,
    Phrase,
    Problem,
    Problems,
    check,
    checks_of,
    enum_problems,
)
from constructs_lib.tokens import known

MAX_PATTERNS = 255
_WITH_FILES = ("ECS_FILE", "File", "NAS", "COMMON_NAS", "COMMON_FILE_SYSTEM")
# Which types of source each of these belongs to.
OWNERS: dict[str, tuple[str, ...]] = {
    "source": ("OSS", "ECS_FILE", "File", "NAS", "COMMON_NAS", "COMMON_FILE_SYSTEM", "OTS"),
    "include": _WITH_FILES,
    "exclude": _WITH_FILES,
    "speed_limit": ("ECS_FILE", "File"),
    "udm_detail": ("UDM_ECS",),
    "oss_detail": ("OSS",),
    "file_detail": ("ECS_FILE", "File"),
    "common_nas_detail": ("COMMON_NAS",),
    "common_file_system_detail": ("COMMON_FILE_SYSTEM",),
}
_OF_APP_CONSISTENT = (
    *("enable_fs_freeze", "enable_writers", "timeout_in_seconds", "pre_script_path", "post_script_path"),
    "ram_role_name",
)
_LIMIT = re.compile(r"([0-9]{1,2}):([0-9]{1,2}):([0-9]+)")
_IDS = {
    BoundType.UDM_ECS: (re.compile(r"i-[0-9a-z]+"), "i- with letters and digits"),
    BoundType.ECS_FILE: (re.compile(r"i-[0-9a-z]+"), "i- with letters and digits"),
    BoundType.File: (re.compile(r"c-[0-9a-z]+"), "c- with letters and digits"),
    BoundType.OSS: (re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]"), "a bucket's name"),
}
_POLICY_ID = re.compile(r"po-[0-9A-Za-z]+")


@frozen
class BindingView:
    """The props of a binding as its checks look at them. `policy_type`: of the policy; None where unknown."""

    props: BackupPolicyBindingProps
    policy_type: str | None = None

    @property
    def source_type(self) -> str:
        """Empty where it is unknown, or none that there is."""
        text = known(self.props.source_type, str) or ""
        return text if text in BoundType.__members__ else ""

    @property
    def details(self) -> Iterator[tuple[str, str, Any]]:
        """The advanced options that are known: where each stands, its name, and itself."""
        for index, options in enumerate(_items(self.props.advanced_options)):
            if isinstance(options, AdvancedOptions):
                for group in fields(AdvancedOptions):
                    for number, detail in enumerate(_items(getattr(options, group.name))):
                        yield f"advanced_options[{index}].{group.name}[{number}]", group.name, detail


def _items(value: object) -> Iterable[object]:
    return value if isinstance(value, (list, tuple)) else ()


# ------------------------------------------------------------ 1xx: malformed or out of range


@check(
    "BB100", "A prop of a binding has a type that the API cannot take", source=BINDING_SDK, basis=Basis.SDK
)
def wrong_type(binding: BindingView) -> Problems:
    """Strings, whole numbers, booleans and lists go to the API as such."""
    yield from prop_type_problems("", binding.props)


@check("BB101", "A value of a binding is none of those the API lists", source=BINDING_SDK, basis=Basis.SDK)
def unknown_value(binding: BindingView) -> Problems:
    """Each of these parameters takes one of a few words, written exactly so."""
    props, account = binding.props, "cross_account_type"
    yield from enum_problems("source_type", props.source_type, BoundType)
    yield from enum_problems(account, props.cross_account_type or None, BindingAccountType)
    for path, _, detail in binding.details:
        if isinstance(detail, OssDetail):
            name, value = "inventory_cleanup_policy", detail.inventory_cleanup_policy or None
            yield from enum_problems(f"{path}.{name}", value, InventoryCleanupPolicy)


@check("BB102", "A list of files is too long", source=BINDING_SDK, basis=Basis.SDK)
def too_many_patterns(binding: BindingView) -> Problems:
    """include and exclude have at most 255 characters each."""
    for name in ("include", "exclude"):
        patterns = known(getattr(binding.props, name), str) or ""
        if len(patterns) > MAX_PATTERNS:
            yield Problem(name, patterns, f"at most {MAX_PATTERNS} characters", "Shorten it.")


@check("BB103", "A binding without a policy or a source", source=BINDING_SDK, basis=Basis.SDK)
def nothing_to_bind(binding: BindingView) -> Problems:
    """A binding is a policy, the type of a source, and its id."""
    for name in ("policy_id", "source_type", "data_source_id"):
        value = getattr(binding.props, name)
        if value is None or known(value, str) == "":
            yield Problem(name, value, "a string that is not empty", "Say what is bound to which policy.")


@check("BB104", "A source without the paths that it needs", source=BINDING_SDK, basis=Basis.SDK)
def no_paths(binding: BindingView) -> Problems:
    """For a NAS on the premises and for CPFS the API needs the paths; the root of either is `["/"]`."""
    needs_paths = binding.source_type in (BoundType.COMMON_NAS, BoundType.COMMON_FILE_SYSTEM)
    if needs_paths and not is_set(binding.props.source):
        yield Problem("source", binding.props.source, 'a list such as ["/a"], as JSON', 'Root is ["/"].')


# ------------------------------------------------------------ 2xx: against the documented contract


@check("BB201", "A prop that belongs to another type of source", source=BINDING_SDK, basis=Basis.SDK)
def foreign_props(binding: BindingView) -> Problems:
    """Each of these belongs to certain types of source. That NAS takes a source, which its text leaves out,
    is by the acceptance tests."""
    if not binding.source_type:
        return
    names = ("source", "include", "exclude", "speed_limit")
    given = [(name, name, getattr(binding.props, name)) for name in names]
    given += list(binding.details)
    for path, name, value in given:
        if says_something(value) and binding.source_type not in OWNERS[name]:
            hint = f"Leave it out, or bind a source of type {' or '.join(OWNERS[name])}."
            yield Problem(path, _short(value), f"nothing, for {binding.source_type}", hint)


def _short(value: object) -> object:
    return value if isinstance(value, (str, int)) else Phrase("options")


@check("BB202", "A source that the policy does not back up", source=PAGE, basis=Basis.PAGE)
def wrong_policy_type(binding: BindingView) -> Problems:
    """UDM_ECS goes with policies of type UDM_ECS_ONLY; every other source with STANDARD."""
    if binding.policy_type not in PolicyType.__members__ or not binding.source_type:
        return
    is_instance = binding.source_type == BoundType.UDM_ECS
    if is_instance != (binding.policy_type == PolicyType.UDM_ECS_ONLY):
        allowed = "UDM_ECS" if binding.policy_type == PolicyType.UDM_ECS_ONLY else "any type but UDM_ECS"
        hint = f"Bind it to a policy of type {'UDM_ECS_ONLY' if is_instance else 'STANDARD'}."
        allowed = f"{allowed}, with a policy of type {binding.policy_type}"
        yield Problem("source_type", binding.source_type, allowed, hint)


@check("BB203", "An option for application consistency without it", source=BINDING_SDK, basis=Basis.SDK)
def idle_consistency(binding: BindingView) -> Problems:
    """The options for application-consistent snapshots count with app_consistent alone, which needs a RAM
    role."""
    for path, _, detail in binding.details:
        if not isinstance(detail, UdmDetail):
            continue
        if detail.app_consistent is True and not is_set(detail.ram_role_name):
            role = detail.ram_role_name
            yield Problem(f"{path}.ram_role_name", role, "a RAM role's name", "Name the role.")
        if not is_set(detail.app_consistent):
            for name in _OF_APP_CONSISTENT:
                if says_something(value := getattr(detail, name)):
                    hint = "Leave it out, or set app_consistent."
                    yield Problem(f"{path}.{name}", value, "nothing, without app_consistent", hint)


@check("BB204", "Half of another account", source=BINDING_SDK, basis=Basis.SDK)
def half_an_account(binding: BindingView) -> Problems:
    """A source of another account takes CROSS_ACCOUNT, the account's id and a RAM role there; one of the own
    account takes neither."""
    props = binding.props
    is_other = props.cross_account_type == BindingAccountType.CROSS_ACCOUNT
    is_own = (props.cross_account_type or None) in (None, BindingAccountType.SELF_ACCOUNT)
    for name in ("cross_account_user_id", "cross_account_role_name"):
        value = getattr(props, name)
        if is_other and not is_set(value):
            yield Problem(name, value, "a value, with CROSS_ACCOUNT", "Say whose source it is.")
        elif is_own and says_something(value):
            hint = 'Write cross_account_type = "CROSS_ACCOUNT", or leave it out.'
            yield Problem(name, value, "nothing, for the own account", hint)


@check("BB205", "A source is no list of paths or tables", source=BINDING_SDK, basis=Basis.SDK)
def malformed_source(binding: BindingView) -> Problems:
    """Several paths or tables are a list of strings as JSON; a bucket has one prefix, a NAS on the premises
    one path."""
    source = known(binding.props.source, str)
    if not source or not source.startswith("["):
        return
    try:
        listed = json.loads(source)
    except (ValueError, RecursionError):
        listed = None
    if binding.source_type == BoundType.OSS:
        yield Problem("source", source, "one prefix", "Write the prefix itself, such as logs/.")
    elif not isinstance(listed, list) or not all(isinstance(each, str) and each for each in listed):
        yield Problem("source", source, "a list of strings, as JSON", 'Write such as ["/a", "/b"].')
    elif binding.source_type == BoundType.COMMON_NAS and len(listed) != 1:
        yield Problem("source", source, "one path", "Bind the NAS by one path that holds them all.")


# ------------------------------------------------------------ 3xx: legal, but risky or useless


@check(
    "BB301",
    "A speed limit does not look like one",
    source=f"{BINDING_SDK}; {BINDING_TESTS}",
    basis=(Basis.SDK, Basis.ACCEPTANCE_TESTS),
)
def odd_speed_limit(binding: BindingView) -> Problems:
    """A limit is the hours between which it counts and KB/s, such as `0:24:1024`; several are separated by
    `|`, and do not overlap. The SDK's text has lost its separators, so this is a warning."""
    limits = known(binding.props.speed_limit, str)
    if not limits:
        return
    parsed = [_LIMIT.fullmatch(part) for part in limits.split("|")]
    hours = sorted((int(limit[1]), int(limit[2])) for limit in parsed if limit)
    ends = [0, *(end for _, end in hours)]
    fits = all(last <= start < end <= 24 for last, (start, end) in zip(ends, hours, strict=False))
    if not all(parsed) or not fits:
        hint = "Write such as 0:8:4096|8:24:1024: hours from 0 to 24, and KB/s."
        yield Problem("speed_limit", limits, "start:end:KB/s, without overlap", hint)


@check("BB302", "An option that another one makes useless", source=BINDING_SDK, basis=Basis.SDK)
def idle_options(binding: BindingView) -> Problems:
    """Disks to leave out are ignored where there is a list of disks; what becomes of inventory files counts
    with an inventory alone."""
    for path, _, detail in binding.details:
        if isinstance(detail, UdmDetail) and is_set(detail.disk_id_list):
            yield from _idle(path, "exclude_disk_id_list", detail, "nothing, beside disk_id_list")
        if isinstance(detail, OssDetail) and not is_set(detail.inventory_id):
            yield from _idle(path, "inventory_cleanup_policy", detail, "nothing, without inventory_id")


def _idle(path: str, name: str, detail: object, allowed: str) -> Problems:
    if says_something(value := getattr(detail, name)):
        yield Problem(f"{path}.{name}", value, allowed, "Leave it out.")


@check("BB303", "An id does not look like one", source=BINDING_SDK, basis=Basis.SDK)
def odd_ids(binding: BindingView) -> Problems:
    """The ids of policies, instances and clients have forms of their own; a bucket goes by its name. A masked
    id of the documentation is none."""
    policy, source = known(binding.props.policy_id, str), known(binding.props.data_source_id, str)
    if policy and not _POLICY_ID.fullmatch(policy):
        hint = "Write the policy's id, such as po-000zemnuyx2li3y9y, not its name."
        yield Problem("policy_id", policy, "po- with letters and digits", hint)
    form = _IDS.get(BoundType[binding.source_type]) if binding.source_type else None
    if source and form and not form[0].fullmatch(source):
        yield Problem("data_source_id", source, form[1], f"Write that of the {binding.source_type} source.")


CHECKS = checks_of(globals())


def check_binding(
    props: BackupPolicyBindingProps, checks: Iterable[Check] = CHECKS, policy_type: str | None = None
) -> list[Finding]:
    """All findings on the props of one binding, in the order of the checks.

    `policy_type`: of the policy; None where it is not known.
    """
    view = BindingView(props, policy_type)
    return [finding for each in checks for finding in each(view)]
