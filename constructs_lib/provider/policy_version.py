"""`alipolicy_policy_version`: one version of an existing custom policy of RAM.

Source: RAM, CreatePolicyVersion, SetDefaultPolicyVersion, DeletePolicyVersion, GetPolicyVersion (2015-05-01).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from attrs import evolve

from constructs_lib.provider import acknowledgements
from constructs_lib.provider.acknowledgements import check_acknowledge, report
from constructs_lib.provider.api_models import RemotePolicyVersion, version_name
from constructs_lib.provider.cloud import CREATE_VERSION, Cloud
from constructs_lib.provider.default_history import (
    VERSION_TYPE,
    DefaultHistory,
    find_default,
    find_rotated,
)
from constructs_lib.provider.default_versions import (
    ATTRIBUTES,
    TAKEN,
    find_by_id,
    plan_default_versions,
    read_default_versions,
    settle_default_versions,
    warn_of_default,
)
from constructs_lib.provider.errors import CloudError
from constructs_lib.provider.identities import IdentifiedResource, in_account
from constructs_lib.provider.operations import (
    LOOK_AHEAD,
    cloud_of,
    is_just_created,
    note_creation,
    props_of,
)
from constructs_lib.provider.pending_creates import (
    digest_of,
    load_document,
    same_document,
    version_request,
)
from constructs_lib.provider.protocol.context import Context, State
from constructs_lib.provider.protocol.diagnostics import Failure
from constructs_lib.provider.protocol.resource import PlannedChange
from constructs_lib.provider.protocol.schema import Schema, computed, optional, required
from constructs_lib.provider.protocol.types import BOOL
from constructs_lib.provider.protocol.values import UNKNOWN
from constructs_lib.provider.unclaimed_creates import (
    begin_plan,
    confirm_in_state,
    record_plan,
    warn_after_create,
    warn_of_unclaimed,
)
from constructs_lib.ram.canonical import canonical

MAX_VERSIONS = 5
ROTATES = "DeleteOldestNonDefaultVersionWhenLimitExceeded"

_ID = re.compile(r"([A-Za-z0-9-]{1,128}):(v[1-9][0-9]*)")

SCHEMA = Schema(
    {
        "id": computed(
            "`<policy_name>:<version_id>`, such as `oss-readers:v3`.", follows=("policy_document",)
        ),
        "policy_name": required(
            "The custom policy that gets a version; it must exist. 1 to 128 letters, digits and `-`. A "
            "change makes a new version there.",
            force_new=True,
        ),
        "policy_document": required(
            "The document, as JSON of at most 6,144 bytes. Order, repetition and formatting do not count; "
            "any other change makes a new version, and the old one stays, for a rollback.",
            same=same_document,
        ),
        "set_as_default": optional(
            "Whether the version is the policy's default version, the one that takes effect wherever the "
            "policy is attached. `true` makes it the default; changed back to `false`, the version that was "
            "the default before becomes it again. One version of a policy may ask for it (see above). "
            "Default: `false`.",
            BOOL,
            default=False,
        ),
        "rotate_strategy": optional(
            "What makes room for a sixth version: with `None` it is refused, with "
            "`DeleteOldestNonDefaultVersionWhenLimitExceeded` the oldest non-default version is deleted. "
            "Default: `None`."
        ),
        "skip_destroy": optional(
            "`true`: destroying the resource leaves its versions in the policy, and the default version the "
            "default. Apply it before you destroy. Default: `false`.",
            BOOL,
        ),
        "acknowledge": acknowledgements.ATTRIBUTE,
        "version_id": computed("The version's id, such as `v3`.", follows=("policy_document",)),
        "is_default_version": computed(
            "Whether the version is the policy's default version.",
            BOOL,
            follows=("policy_document", "set_as_default"),
        ),
        "create_date": computed(
            "When the version was created, such as `2015-01-23T12:33:18Z`.", follows=("policy_document",)
        ),
        **ATTRIBUTES,
    },
    "One version of an existing custom policy of RAM: stage it, make it the default version, roll it back. "
    "Destroying the resource deletes all versions that it created, unless `skip_destroy` is set.",
    timeouts={"create": 300, "update": 300, "delete": 300},
)


class PolicyVersionResource(IdentifiedResource):
    type_name = VERSION_TYPE
    schema = SCHEMA
    identity = in_account(policy_name="The name of the policy.", version_id="The version's id, such as `v3`.")

    def validate(self, ctx: Context, config: State) -> None:
        from constructs_lib.ram.checks import CHECKS, check_policy_version
        from constructs_lib.ram.policy_version import PolicyVersionProps
        from constructs_lib.ram.resource_types import ALIPOLICY, CODES

        check_acknowledge(ctx, config, CODES)
        props, own = props_of(PolicyVersionProps, config, {}), ALIPOLICY.checks
        report(ctx, config, check_policy_version(props, own), CHECKS + own)

    def plan(self, ctx: Context, change: PlannedChange) -> None:
        planned, name = change.planned, change.planned["policy_name"]
        plan_default_versions(change)
        if ctx.client is None:
            return
        _record_plan(ctx, change)
        if change.prior is not None and "policy_name" in change.changed:
            _plan_leaving(ctx, change.prior)  # Terraform asks for no plan of the destruction
        if name is UNKNOWN:
            return
        cloud = cloud_of(ctx)
        _claim_default(ctx, cloud, change)
        own = _journal_name(change.prior) if change.prior else ""
        history, default = DefaultHistory(ctx, cloud, name, own), None
        if change.prior is None:
            history.carry_over()
        if change.prior is None or change.changed & {"policy_name", "policy_document"}:
            default = find_default(_look_for_room(ctx, planned, history))
        elif "set_as_default" in change.changed and planned["set_as_default"] is False:
            _plan_rollback(ctx, cloud, planned, history)
        warn_of_default(ctx, change, history, default)

    def plan_destroy(self, ctx: Context, prior: State) -> None:
        if ctx.client is not None:
            _plan_leaving(ctx, prior)

    def create(self, ctx: Context, planned: State) -> State:
        cloud, name = cloud_of(ctx), planned["policy_name"]
        cloud.claims.drop(name, ctx.private.pop(_REPLACES, ""), _digest(planned))
        if ctx.private.pop(_LEAVING, False):
            ctx.private.clear()  # what the plan knew is about the policy that the resource leaves
        history = DefaultHistory(ctx, cloud, name)
        history.take_back()  # what a plan carried over is for the resource that makes way
        versions = cloud.recent_versions(name)
        history.add_default(find_default(versions))
        return _share(ctx, cloud, _create_version(ctx, cloud, planned, history, versions))

    def read(self, ctx: Context, state: State) -> State | None:
        cloud, name, version_id = cloud_of(ctx), state["policy_name"], state["version_id"]
        confirm_in_state(ctx, cloud, CREATE_VERSION, _journal_name(state))
        version = _find_version(ctx, cloud, state)
        if version is None:
            return None
        history = _history(ctx, cloud, state)
        if version.is_default_version:
            ctx.private.pop(TAKEN, None)
        elif state["is_default_version"]:
            ctx.private[TAKEN] = True
        history.recall(is_stored=True)
        history.add_created(version)
        if not history.knows_defaults:
            # Imported: the default version of now is the one to give it back to later.
            history.add_default(find_default(cloud.recent_versions(name), other_than=version_id))
        history.share()
        default_versions = read_default_versions(ctx, state, version, history)
        document = version.policy_document or state["policy_document"]
        return {**to_state(state, version, document), **default_versions}

    def update(self, ctx: Context, prior: State, planned: State) -> State:
        cloud = cloud_of(ctx)
        has_new_document = planned["policy_document"] != prior["policy_document"]
        if not has_new_document and planned["set_as_default"] == prior["set_as_default"]:
            return planned
        for note in (TAKEN, _REPLACES):
            ctx.private.pop(note, None)
        cloud.claims.drop(prior["policy_name"], _journal_name(prior), "")
        history = _history(ctx, cloud, prior)
        history.recall()
        with history.kept_in_journal():
            if not has_new_document:
                return _share(ctx, cloud, _change_default(ctx, cloud, planned, history))
            versions = cloud.recent_versions(planned["policy_name"])
            if planned["set_as_default"]:
                history.add_default(find_default(versions))
            return _share(ctx, cloud, _create_version(ctx, cloud, planned, history, versions))

    def delete(self, ctx: Context, state: State) -> None:
        cloud = cloud_of(ctx)
        cloud.claims.drop(state["policy_name"], _journal_name(state), "")
        warn_of_unclaimed(ctx, cloud, is_applying=True)
        if state["skip_destroy"]:
            return
        history = _history(ctx, cloud, state)
        history.take_back()
        history.recall()
        # Alone: another resource that is destroyed beside it may give the default to a version of this one.
        with history.kept_in_journal(), cloud.alone_with(state["policy_name"]):
            history.share()
            with history.kept_in_journal():  # with what those knew that went meanwhile
                _delete_versions(ctx, cloud, state, history)

    def generate(self, config: State) -> State:
        """A version that waits says so: PV311 asks for it."""
        return {**config, "set_as_default": bool(config["set_as_default"])}

    def import_(self, ctx: Context, id: str) -> State:
        parsed = _ID.fullmatch(id.strip())
        if parsed is None:
            raise Failure(
                f"{id!r} is not a version of a policy",
                "Import by <policy_name>:<version_id>: oss-readers:v3.",
            )
        return {"id": parsed[0], "policy_name": parsed[1], "version_id": parsed[2]}


_WHY = (
    "It was the default version before one of this resource took its place. The default version cannot be "
    "deleted, so another one takes its place first: fallback_version_on_destroy of the resource names it."
)
_WHY_IT_STAYS = (
    "No other version that was the default before is left in the policy, which cannot be without a default "
    "version. What it allows stays allowed where the policy is attached, until another version becomes the "
    "default one, or the policy is deleted."
)
# In the private state: the plan has looked which version takes over. Terraform asks for no such plan where it
# replaces a resource by order of the user, or as tainted.
_LEAVING = "leaving"
# In the private state of a plan: the version that is there. Terraform plans what it replaces twice, as it was
# and as a new one, and hands what the first plan left to the second.
_REPLACES = "replaces"


# ------------------------------------------------------------ the mapping


def to_api(document: str) -> str:
    """A document as it is sent: its canonical form, the size of which the checks judge."""
    return json.dumps(canonical(load_document(document)), ensure_ascii=False, separators=(",", ":"))


def _digest(planned: State) -> str:
    """What the journal knows the planned version by; empty while its document is not known."""
    document = planned["policy_document"]
    if document is UNKNOWN:
        return ""
    return digest_of(CREATE_VERSION, version_request(planned["policy_name"], to_api(document)))


def to_state(state: State, version: RemotePolicyVersion, document: str | None) -> State:
    return {
        **state,
        "id": f"{state['policy_name']}:{version.version_id}",
        "policy_document": document,
        "set_as_default": version.is_default_version,
        "version_id": version.version_id,
        "is_default_version": version.is_default_version,
        "create_date": version.create_date,
    }


def _ids(versions: Iterable[RemotePolicyVersion]) -> list[str]:
    return [version.version_id for version in versions]


# ------------------------------------------------------------ what earlier runs left


def _find_version(ctx: Context, cloud: Cloud, state: State) -> RemotePolicyVersion | None:
    """The version as it is now. Its document never changes, so that it is read where the state has none: the
    list serves all versions of the policy."""
    name, version_id = state["policy_name"], state["version_id"]
    try:
        version = find_by_id(cloud.recent_versions(name), version_id)
    except CloudError as error:
        ctx.log.info("the versions of %s could not be listed: %s", name, error)
        return cloud.policy_version(name, version_id)
    if version is None and is_just_created(ctx):
        version = find_by_id(cloud.existing_versions(name, with_new=version_id), version_id)
    if version is None or (state["policy_document"] and version.create_date == state["create_date"]):
        return version
    return cloud.policy_version(name, version_id)


def _journal_name(state: State) -> str:
    return version_name(state["policy_name"], state["version_id"], state["create_date"])


def _history(ctx: Context, cloud: Cloud, state: State) -> DefaultHistory:
    return DefaultHistory(ctx, cloud, state["policy_name"], _journal_name(state))


def _share(ctx: Context, cloud: Cloud, state: State) -> State:
    """The state, after the other resources of this run know what its private part knows."""
    _history(ctx, cloud, state).share()
    return state


def _record_plan(ctx: Context, change: PlannedChange) -> None:
    """Tell the journal what is planned, and what is there already."""
    cloud, prior = cloud_of(ctx, LOOK_AHEAD), change.prior
    begin_plan(ctx, cloud, CREATE_VERSION, _journal_name(prior) if prior else "")
    name, document = change.planned["policy_name"], change.planned["policy_document"]
    if UNKNOWN in (name, document):
        record_plan(cloud, CREATE_VERSION, None)
    elif prior is None or change.changed & {"policy_name", "policy_document"}:
        record_plan(cloud, CREATE_VERSION, version_request(name, to_api(document)))


# ------------------------------------------------------------ the cloud


def _create_version(
    ctx: Context,
    cloud: Cloud,
    planned: State,
    history: DefaultHistory,
    versions: Sequence[RemotePolicyVersion],
) -> State:
    """Create the planned version and return its state. `versions`: those that there are before."""
    name, is_default = planned["policy_name"], bool(planned["set_as_default"])
    try:
        created = cloud.create_policy_version(
            name,
            to_api(planned["policy_document"]),
            set_as_default=is_default,
            rotate_strategy=planned["rotate_strategy"],
            note=history.as_note(),
        )
    except CloudError as error:
        if error.code.startswith("LimitExceeded.Policy.Version"):
            raise _no_room(cloud, name, history, error) from error
        raise
    version = created.value
    state = to_state(planned, version, planned["policy_document"])
    note_creation(ctx)
    if created.note is not None:
        history.adopt(created.note, version)
    history.add_created(version)
    ctx.save(state)
    warn_after_create(ctx, cloud, created, state["id"])
    if is_default and not version.is_default_version:
        cloud.set_default_policy_version(name, version.version_id)
    elif version.is_default_version and not is_default:
        # The run that created it wanted it to be the default.
        versions, leaving = cloud.existing_versions(name), [version.version_id]
        cloud.set_default_policy_version(name, history.find_fallback(versions, leaving, "set_as_default"))
    state |= {"set_as_default": is_default, "is_default_version": is_default}
    version = evolve(version, is_default_version=is_default)
    if created.adopted or len(versions) >= MAX_VERSIONS:
        return settle_default_versions(ctx, state, version, history)  # which are there now has to be read
    others = [
        evolve(each, is_default_version=each.is_default_version and not is_default) for each in versions
    ]
    return settle_default_versions(ctx, state, version, history, [*others, version])


def _change_default(ctx: Context, cloud: Cloud, planned: State, history: DefaultHistory) -> State:
    """Make the version the default one, or give that back."""
    name, version_id = planned["policy_name"], planned["version_id"]
    with cloud.alone_with(name):
        versions = cloud.existing_versions(name)
        other = find_default(versions, other_than=version_id)
        if planned["set_as_default"]:
            history.add_default(other)
            history.set_default(version_id)
        elif other is None:
            # Else another resource of this run has become the default already, and stays so.
            fallback = history.find_fallback(versions, [version_id], "set_as_default")
            cloud.set_default_policy_version(name, fallback)
    is_default = bool(planned["set_as_default"])
    version = RemotePolicyVersion(
        version_id=version_id, is_default_version=is_default, create_date=planned["create_date"]
    )
    return settle_default_versions(ctx, {**planned, "is_default_version": is_default}, version, history)


def _claim_default(ctx: Context, cloud: Cloud, change: PlannedChange) -> None:
    """Refuse a plan in which two resources want the default version of one policy."""
    planned, name = change.planned, change.planned["policy_name"]
    own, digest = ctx.private.get(_REPLACES, ""), _digest(planned)
    if change.prior is not None:
        own = ctx.private[_REPLACES] = _journal_name(change.prior)
    if planned["set_as_default"] is not True:
        if own:
            cloud.claims.drop(name, own, "")
        return
    if others := cloud.claims.add(name, own, digest, lambda: cloud.scope(CREATE_VERSION)):
        which = " and ".join(f"that of {other}" if other else "a new one" for other in others)
        ctx.error(
            f"Two versions of policy {name} want to be its default version",
            f"Another resource of this run has set_as_default = true for this policy, too: {which}. Each "
            "apply would take it from the other. Set it to true in one of them only.",
            "set_as_default",
        )


def _plan_rollback(ctx: Context, cloud: Cloud, planned: State, history: DefaultHistory) -> None:
    """Say which version becomes the default one in the place of this one. Failure: there is none."""
    name, version_id = planned["policy_name"], planned["version_id"]
    fallback = history.find_fallback(cloud.existing_versions(name), [version_id], "set_as_default")
    ctx.warn(
        f"Version {fallback} of policy {name} will become the default version again",
        f"It was the default version before {version_id}, which stays in the policy; unless another resource "
        "of this run has become it first.",
        "set_as_default",
    )


def _plan_leaving(ctx: Context, prior: State) -> None:
    """Say what a destroy does to the default version of the policy. Failure: it cannot be done."""
    cloud, name = cloud_of(ctx), prior["policy_name"]
    confirm_in_state(ctx, cloud, CREATE_VERSION, _journal_name(prior))
    history = _history(ctx, cloud, prior)
    history.recall()
    history.share()
    if prior["skip_destroy"]:
        why = "skip_destroy is true: no version is deleted, and the default version stays the default one."
        ctx.warn(f"Version {prior['version_id']} of policy {name} will be left as it is", why)
        return
    versions = cloud.existing_versions(name)
    going = history.find_created(versions, prior["version_id"])
    default = find_default(going)
    left = [version for version in versions if version not in going]
    names = {version_name(name, version.version_id, version.create_date) for version in left}
    is_stuck = history.last_default(versions, _ids(going)) is None
    if is_stuck and cloud.creates.has_created(("policy", name), names):
        return  # the new version that takes its place is there: it is too late to refuse
    ctx.private[_LEAVING] = True
    if default is None:
        return
    fallback = history.find_fallback_on_destroy(versions, going)
    if fallback == default.version_id:
        ctx.warn(
            f"Version {fallback} of policy {name} will stay, and stay the default version", _WHY_IT_STAYS
        )
    else:
        summary = f"Version {fallback} of policy {name} will become the default version again"
        ctx.warn(summary, _WHY, further="Further versions will become default versions again")


def _delete_versions(ctx: Context, cloud: Cloud, state: State, history: DefaultHistory) -> None:
    """Delete all versions that the resource created; where the default one is among them, another one
    becomes the default first. It stays where the policy has no others, and where the resource is replaced
    without a plan of its destruction and nothing can take over: the new version is about to."""
    name, version_id = state["policy_name"], state["version_id"]
    # Just created, it may be missing in a list, and would be left behind.
    versions = cloud.existing_versions(name, with_new=version_id if is_just_created(ctx) else "")
    going = history.find_created(versions, version_id)
    is_planned = ctx.private.pop(_LEAVING, False)
    if default := find_default(going):
        is_stuck = not is_planned and history.last_default(versions, _ids(going)) is None
        fallback = default.version_id if is_stuck else history.find_fallback_on_destroy(versions, going)
        if fallback == default.version_id:
            going.remove(default)
            ctx.warn(f"Version {fallback} of policy {name} stays the default version", _WHY_IT_STAYS)
        else:
            # The deletion that follows is repeated until this is seen.
            cloud.set_default_policy_version(name, fallback, wait=False)
            summary = f"Version {fallback} of policy {name} is the default version again"
            ctx.warn(summary, _WHY, further="Further versions are default versions again")
    for version in going:
        cloud.delete_policy_version(name, version.version_id)
    history.hand_over(versions, going)


def _no_room(cloud: Cloud, name: str, history: DefaultHistory, error: CloudError) -> Failure:
    listed = "; ".join(
        f"{each.version_id} of {each.create_date}, {'the default version, ' * each.is_default_version}"
        f"{history.describe_owner(each.version_id, each.create_date)}"
        for each in cloud.existing_versions(name)
    )
    return Failure(
        f"Policy {name} has no room for another version",
        f"It has {listed}. At most {MAX_VERSIONS} are allowed: delete one that nobody needs, or set "
        f'rotate_strategy to "{ROTATES}", which deletes the oldest non-default version.\n{error}',
        "rotate_strategy",
    )


def _look_for_room(ctx: Context, planned: State, history: DefaultHistory) -> list[RemotePolicyVersion]:
    """Say what happens where the policy is full, or will be before this version is created: which version is
    deleted, or that the new one is refused. The versions that there are."""
    from constructs_lib.ram import plan_checks

    cloud, name, strategy = cloud_of(ctx, LOOK_AHEAD), planned["policy_name"], planned["rotate_strategy"]
    is_default = planned["set_as_default"] is True
    others = cloud.creates.planned_before(("policy", name), _digest(planned), is_default)
    is_new_policy = cloud.creates.is_planned(("new policy", name))
    try:
        # What the run creates first has nothing yet: there is nothing to ask.
        versions = [] if is_new_policy else cloud.recent_versions(name)
    except CloudError as error:
        ctx.warn(f"The versions of policy {name} could not be looked up", f"Whether it has room: {error}")
        return []
    if not versions and not is_new_policy:
        report(ctx, planned, plan_checks.no_such_policy(name), plan_checks.CHECKS)
    if strategy is UNKNOWN:
        return versions
    if strategy != ROTATES:
        # A new policy has the version that it is created with.
        if is_new_policy + len(versions) + len(others) >= MAX_VERSIONS:
            when = "already" if len(versions) >= MAX_VERSIONS else "with those that are planned"
            refusal = plan_checks.refusal(strategy, f", and policy {name} has {MAX_VERSIONS} versions {when}")
            report(ctx, planned, plan_checks.sixth_version.report(refusal), plan_checks.CHECKS)
        return versions
    if len(versions) + len(others) < MAX_VERSIONS:
        return versions
    if oldest := find_rotated(versions, [*others, is_default], MAX_VERSIONS):
        summary = f"Version {oldest.version_id} of policy {name} will be deleted"
        owner = history.describe_owner(oldest.version_id, oldest.create_date)
        detail = (
            f"It is the version of {oldest.create_date}, {owner}; it makes room for the new one, and cannot "
            "be restored."
        )
        if others:
            detail += (
                " Which one makes room for which new one depends on the order in which they are created."
            )
    else:
        summary = f"Policy {name} gets more versions than it can hold"
        detail = (
            "A new version would be deleted for another new one: let fewer resources create versions of it."
        )
    ctx.warn(summary, detail, "rotate_strategy")
    return versions
