"""`alipolicy_policy`: a custom policy of RAM, and the version that holds its document.

The default version has one owner at a time. A policy is created with the first version, which is the default
one until another version is made it: by an `alipolicy_policy_version`, or outside. From then on this resource
changes neither its document nor the default version; as long as its own version is the only one, a changed
document makes the next version, which becomes the default one, and the one before it is deleted.

Source: RAM, CreatePolicy, UpdatePolicyDescription, DeletePolicy (2015-05-01); see `ram_policies`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from constructs_lib.provider import acknowledgements, ram_policies
from constructs_lib.provider.acknowledgements import check_acknowledge, report
from constructs_lib.provider.api_models import RemotePolicyVersion, version_name
from constructs_lib.provider.cloud import CREATE_VERSION, CUSTOM, Cloud
from constructs_lib.provider.default_history import OUTSIDE, POLICY_TYPE, DefaultHistory, find_default
from constructs_lib.provider.errors import CloudError
from constructs_lib.provider.identities import IdentifiedResource, in_account
from constructs_lib.provider.operations import (
    LATER,
    LOOK_AHEAD,
    cloud_of,
    is_just_created,
    note_creation,
    props_of,
)
from constructs_lib.provider.pending_creates import same_document, version_request
from constructs_lib.provider.policy_version import to_api
from constructs_lib.provider.protocol.context import Context, State
from constructs_lib.provider.protocol.diagnostics import Failure
from constructs_lib.provider.protocol.resource import MoveSource, PlannedChange
from constructs_lib.provider.protocol.schema import Schema, computed, optional, required
from constructs_lib.provider.protocol.types import BOOL, NUMBER, STRING, map_of
from constructs_lib.provider.protocol.values import UNKNOWN, holds_unknown
from constructs_lib.provider.ram_policies import Principal, RemotePolicy
from constructs_lib.provider.unclaimed_creates import (
    begin_plan,
    confirm_in_state,
    record_plan,
    warn_after_create,
    warn_of_unclaimed,
)

_NAME = re.compile(r"[A-Za-z0-9-]{1,128}")

SCHEMA = Schema(
    {
        "id": computed("The name of the policy."),
        "policy_name": required(
            "1 to 128 letters, digits and `-`; unique in the account. A change makes a new policy.",
            force_new=True,
        ),
        "policy_document": required(
            "The document, as JSON of at most 6,144 bytes. Order, repetition and formatting do not count. A "
            "change makes a new version, which becomes the default version, and deletes the one before it. "
            "Where the policy has versions that this resource did not make, a change is refused: put it into "
            "an `alipolicy_policy_version`.",
            same=same_document,
        ),
        "description": optional(
            "1 to 1,024 characters, changed in place. RAM takes no empty one: left out, what is there stays.",
            computed=True,
        ),
        "tags": optional("At most 20 tags, by key.", map_of(STRING), fillers=({},)),
        "force_destroy": optional(
            "`true`: destroying the policy takes it from all who have it, and deletes all of its versions, "
            "whoever made them. Apply it before you destroy. Default: `false`: none that is in use is "
            "destroyed.",
            BOOL,
        ),
        "acknowledge": acknowledgements.ATTRIBUTE,
        "policy_type": computed("`Custom`: a policy of the account."),
        "version_id": computed("The version that holds `policy_document`.", follows=("policy_document",)),
        "default_version": computed(
            "The default version, the one that takes effect, whoever made it.", follows=("policy_document",)
        ),
        "create_date": computed("When the policy was created, such as `2015-01-23T12:33:18Z`."),
        "update_date": computed(
            "When it was changed last.", follows=("policy_document", "description", "tags")
        ),
        "attachment_count": computed("How many users, groups and roles have it.", NUMBER),
    },
    "A custom policy of RAM with its first document. Further versions, staged, promoted and rolled back, are "
    "`alipolicy_policy_version`; who has it is said by `alipolicy_policy_attachment`.",
    timeouts={"create": 300, "update": 300, "delete": 300},
)


class PolicyResource(IdentifiedResource):
    type_name = POLICY_TYPE
    schema = SCHEMA
    identity = in_account(policy_name="The name of the policy.")

    def validate(self, ctx: Context, config: State) -> None:
        from constructs_lib.ram import checks, policy_checks

        check_acknowledge(ctx, config, policy_checks.CODES_OF_POLICY)
        found = policy_checks.check_policy(_props(config))
        report(ctx, config, found, (*checks.CHECKS, *policy_checks.POLICY_CHECKS))

    def plan(self, ctx: Context, change: PlannedChange) -> None:
        if ctx.client is None:
            return
        prior, planned = change.prior, change.planned
        cloud = cloud_of(ctx, LOOK_AHEAD)
        begin_plan(ctx, cloud, ram_policies.CREATE, _journal_name(prior) if prior else "")
        if prior is None or "policy_name" in change.changed:
            _record_creation(cloud, planned)
            if prior is not None:
                _plan_leaving(ctx, prior)  # Terraform asks for no plan of the destruction
        elif "policy_document" in change.changed:
            _plan_new_document(ctx, cloud, prior, planned)
        else:
            _warn_of_other_default(ctx, cloud, prior, planned)

    def plan_destroy(self, ctx: Context, prior: State) -> None:
        if ctx.client is not None:
            _plan_leaving(ctx, prior)

    def create(self, ctx: Context, planned: State) -> State:
        cloud, name = cloud_of(ctx), planned["policy_name"]
        description = None if planned["description"] is UNKNOWN else planned["description"]
        ctx.private.clear()  # what is known is about the policy that this one replaces
        try:
            created = ram_policies.create_policy(
                cloud, name, to_api(planned["policy_document"]), description, planned["tags"] or {}
            )
        except CloudError as error:
            if error.code != f"{ram_policies.EXISTS}.Policy":
                raise
            raise Failure(
                f"There is a policy {name} already",
                f"If it is to be this resource, import it (terraform import ADDRESS {name}); if not, choose "
                f"another name.\n{error}",
                "policy_name",
            ) from error
        policy = created.value
        note_creation(ctx)
        state = {**planned, **_computed(policy), "version_id": policy.default_version}
        if policy.version is not None:
            _history(ctx, cloud, state).add_created(policy.version)
        ctx.save(state)
        warn_after_create(ctx, cloud, created, name)
        return state

    def read(self, ctx: Context, state: State) -> State | None:
        cloud, name = cloud_of(ctx), state["policy_name"]
        policy = ram_policies.find_policy(cloud, name, is_new=is_just_created(ctx))
        if policy is None or policy.version is None:
            return None
        result = {**state, **_computed(policy)}
        if state["version_id"] is None:
            # Imported: what is the default version now holds its document.
            result["version_id"] = policy.default_version
            _history(ctx, cloud, result).add_created(policy.version)
        confirm_in_state(ctx, cloud, ram_policies.CREATE, _journal_name(result))
        confirm_in_state(ctx, cloud, CREATE_VERSION, _own_name(ctx, result))
        if result["version_id"] == policy.default_version:
            result["policy_document"] = policy.version.policy_document
        elif state["policy_document"] is None:
            own = cloud.policy_version(name, result["version_id"])
            result["policy_document"] = own and own.policy_document
        history = _history(ctx, cloud, result)
        history.recall(is_stored=True)
        history.share()
        return {**result, "tags": ram_policies.policy_tags(cloud, name) or _empty(state["tags"])}

    def update(self, ctx: Context, prior: State, planned: State) -> State:
        cloud, name, state = cloud_of(ctx), prior["policy_name"], planned
        is_changed = False
        if planned["policy_document"] != prior["policy_document"]:
            state, is_changed = _change_document(ctx, cloud, prior, planned), True
        if planned["description"] != prior["description"]:
            ram_policies.update_description(cloud, name, planned["description"])
            is_changed = True
        before, after = prior["tags"] or {}, planned["tags"] or {}
        if before != after:
            ram_policies.change_tags(cloud, name, before, after)
            is_changed = True
        policy = ram_policies.find_policy(cloud, name) if is_changed else None
        known = _computed(policy) if policy else prior
        return {key: known.get(key) if value is UNKNOWN else value for key, value in state.items()}

    def delete(self, ctx: Context, state: State) -> None:
        cloud, name, is_forced = cloud_of(ctx), state["policy_name"], bool(state["force_destroy"])
        warn_of_unclaimed(ctx, cloud, is_applying=True)
        with cloud.alone_with(name):
            if is_forced:
                for principal in ram_policies.holders(cloud, name):
                    ram_policies.detach(cloud, ram_policies.Attachment(CUSTOM, name, principal))
            else:
                _delete_versions(cloud, state, _history(ctx, cloud, state))
            try:
                ram_policies.delete_policy(cloud, name, with_versions=is_forced)
            except CloudError as error:
                if not error.code.startswith(ram_policies.CONFLICT):
                    raise
                reasons = _find_obstacles(cloud, state, _history(ctx, cloud, state))
                raise _refuse_destruction(name, reasons or [str(error)]) from error

    def import_(self, ctx: Context, id: str) -> State:
        if not _NAME.fullmatch(id.strip()):
            raise Failure(f"{id!r} is not the name of a policy", "Import by the name: oss-readers.")
        return {"id": id.strip(), "policy_name": id.strip()}

    def move(self, ctx: Context, source: MoveSource) -> State | None:
        """From the official resource. Its default version holds the document; those before it, which it made,
        are nobody's: `force` says whether they go with the policy."""
        if source.type_name != "alicloud_ram_policy" or not source.provider.endswith("/aliyun/alicloud"):
            return None
        has = source.state.get
        return {
            "id": source.state["id"],
            "policy_name": has("policy_name") or has("name") or source.state["id"],
            "policy_document": has("policy_document") or has("document") or None,
            "description": has("description") or None,
            "tags": has("tags") or None,
            "force_destroy": has("force") or None,
        }


# ------------------------------------------------------------ the mapping


def _computed(policy: RemotePolicy) -> State:
    """What a state has of a policy, but for its document and its tags."""
    return {
        "id": policy.policy_name,
        "policy_name": policy.policy_name,
        "policy_type": policy.policy_type,
        "description": policy.description or None,
        "default_version": policy.default_version,
        "create_date": policy.create_date or None,
        "update_date": policy.update_date or None,
        "attachment_count": policy.attachment_count,
    }


def listed_state(policy: RemotePolicy, tags: Mapping[str, str]) -> State:
    """The state of a policy as a read after its import gives it."""
    document = policy.version.policy_document if policy.version else None
    own = {"version_id": policy.default_version, "policy_document": document, "tags": dict(tags) or None}
    return {**dict.fromkeys(SCHEMA.body), **_computed(policy), **own}


def _empty(tags: dict[str, str] | None) -> dict[str, str] | None:
    """No tags, as the state wrote that."""
    return {} if tags == {} else None


def _props(config: State) -> Any:
    from constructs_lib.ram.policy import PolicyProps

    tags = config["tags"]
    if isinstance(tags, dict):
        tags = {key: LATER if value is UNKNOWN else value for key, value in tags.items()}
    return props_of(PolicyProps, {**config, "tags": tags}, {})


# ------------------------------------------------------------ what earlier runs left


def _journal_name(state: State) -> str:
    return ram_policies.policy_id(state["policy_name"], state["create_date"] or "")


def _own_name(ctx: Context, state: State) -> str:
    """What the journal calls the version that holds the document."""
    own = state["version_id"] or ""
    return version_name(state["policy_name"], own, ctx.private.get("made", {}).get(own, ""))


def _history(ctx: Context, cloud: Cloud, state: State) -> DefaultHistory:
    return DefaultHistory(ctx, cloud, state["policy_name"], _own_name(ctx, state), is_policy=True)


def _record_creation(cloud: Cloud, planned: State) -> None:
    """Tell the journal, and the versions of the policy, that it is planned."""
    sent = {key: planned[key] for key in ("policy_name", "policy_document", "tags")}
    if holds_unknown(sent):
        record_plan(cloud, ram_policies.CREATE, None)
    else:
        # Where the configuration has no description, the plan leaves it open, and none is sent.
        description = None if planned["description"] is UNKNOWN else planned["description"]
        name, document = planned["policy_name"], to_api(planned["policy_document"])
        record_plan(cloud, ram_policies.CREATE, ram_policies.policy_request(name, document, description))
    if planned["policy_name"] is not UNKNOWN:
        cloud.creates.note_plan(("new policy", planned["policy_name"]))


# ------------------------------------------------------------ the versions


def _others(
    versions: Iterable[RemotePolicyVersion], state: State, history: DefaultHistory
) -> list[RemotePolicyVersion]:
    """The versions that this resource did not make. The last one of a policy is its own, whoever made it."""
    there = [*versions]
    own = history.find_created(there, state["version_id"] or "")
    return [version for version in there if version not in own] if len(there) > 1 else []


def _describe(version: RemotePolicyVersion, history: DefaultHistory) -> str:
    owner = history.describe_owner(version.version_id, version.create_date)
    is_default = "the default version, " if version.is_default_version else ""
    return f"{version.version_id} of {version.create_date}, {is_default}{owner}"


def _plan_new_document(ctx: Context, cloud: Cloud, prior: State, planned: State) -> None:
    """Failure: other versions are there, so that the document is not changed here."""
    name, document = prior["policy_name"], planned["policy_document"]
    history = _history(ctx, cloud, prior)
    history.recall()
    _refuse_beside_others(cloud, prior, history)
    request = None if document is UNKNOWN else version_request(name, to_api(document))
    record_plan(cloud, CREATE_VERSION, request)


def _refuse_beside_others(cloud: Cloud, prior: State, history: DefaultHistory) -> None:
    name = prior["policy_name"]
    if others := _others(cloud.existing_versions(name), prior, history):
        raise Failure(
            f"The document of policy {name} cannot be changed while it has other versions",
            f"It is that of version {prior['version_id']}. Beside it there are "
            f"{'; '.join(_describe(other, history) for other in others)}. Write policy_document as it was, "
            "and put the new document into an alipolicy_policy_version, which says when it takes effect; or "
            "delete the other versions first.",
            "policy_document",
        )


def _change_document(ctx: Context, cloud: Cloud, prior: State, planned: State) -> State:
    """Make the document the default version, and delete the one before it."""
    name, history = prior["policy_name"], _history(ctx, cloud, prior)
    history.recall()
    _refuse_beside_others(cloud, prior, history)
    with history.kept_in_journal():
        document = to_api(planned["policy_document"])
        created = cloud.create_policy_version(name, document, set_as_default=True, note=history.as_note())
        version = created.value
        if created.note is not None:
            history.adopt(created.note, version)
        history.add_created(version)
        own = version.version_id
        state = {**planned, "version_id": own, "default_version": own}
        ctx.save(state)
        warn_after_create(ctx, cloud, created, f"{name}:{own}")
        if not version.is_default_version:
            cloud.set_default_policy_version(name, own)
        _delete_versions(cloud, state, history)
        ctx.private["made"] = {own: version.create_date}
    return state


def _delete_versions(cloud: Cloud, state: State, history: DefaultHistory) -> None:
    """Delete the versions that the resource made before its last one, but not the default version."""
    name, own = state["policy_name"], state["version_id"]
    if not history.has_created_others(own):
        return
    for version in history.find_created(cloud.existing_versions(name, with_new=own), own):
        if version.version_id != own and not (version.is_default_version and state["default_version"] != own):
            cloud.delete_policy_version(name, version.version_id)


def _warn_of_other_default(ctx: Context, cloud: Cloud, prior: State, planned: State) -> None:
    """Say so where the default version is nobody's."""
    from constructs_lib.ram import plan_checks

    name, default, own = prior["policy_name"], prior["default_version"], prior["version_id"]
    if default in (None, own) or not _is_in_state(cloud, name):
        return
    try:
        version = find_default(cloud.recent_versions(name))
    except CloudError as error:
        ctx.log.info("the default version of %s could not be looked up: %s", name, error)
        return
    history = _history(ctx, cloud, prior)
    if (
        version
        and version.version_id != own
        and history.describe_owner(version.version_id, version.create_date) == OUTSIDE
    ):
        report(ctx, planned, plan_checks.not_in_force((version.version_id, own)), plan_checks.CHECKS)


# ------------------------------------------------------------ the end


def _plan_leaving(ctx: Context, prior: State) -> None:
    """Say what a destruction takes along. Failure: something is in its way that stays."""
    cloud, name = cloud_of(ctx, LOOK_AHEAD), prior["policy_name"]
    confirm_in_state(ctx, cloud, ram_policies.CREATE, _journal_name(prior))
    history = _history(ctx, cloud, prior)
    history.recall()
    history.share()
    try:
        if prior["force_destroy"]:
            if obstacles := _find_obstacles(cloud, prior, history):
                detail = f"force_destroy is true: {'; '.join(obstacles)}. None of it comes back."
                ctx.warn(f"Policy {name} will be destroyed with all that depends on it", detail)
        elif obstacles := _find_obstacles(cloud, prior, history, staying=True):
            if _is_in_state(cloud, name):
                raise _refuse_destruction(name, obstacles)
            ctx.warn(
                f"Policy {name} can only be destroyed after what depends on it",
                f"{'; '.join(obstacles)}. Whether this plan destroys all of it first is not known, as the "
                "state cannot be read here: the apply refuses what is left, and changes nothing.",
            )
    except CloudError as error:
        ctx.log.info("what depends on %s could not be looked up: %s", name, error)


def _find_obstacles(
    cloud: Cloud, state: State, history: DefaultHistory, *, staying: bool = False
) -> list[str]:
    """Why the policy cannot be destroyed, in words. `staying`: leave out what is of resources in the state,
    which may be destroyed first."""
    name, obstacles = state["policy_name"], []
    for version in _others(cloud.recent_versions(name), state, history):
        owner = history.find_owner(version.version_id, version.create_date) if staying else None
        if owner is None or owner.attributes.get("skip_destroy"):
            obstacles.append(f"it has version {_describe(version, history)}")
    if not staying or state["attachment_count"]:
        managed = set(_holders_in_state(cloud, name)) if staying else set()
        found = [str(each) for each in ram_policies.holders(cloud, name) if each not in managed]
        obstacles += [f"{holder} has it" for holder in found]
    return obstacles


def _refuse_destruction(name: str, obstacles: list[str]) -> Failure:
    return Failure(
        f"Policy {name} cannot be destroyed",
        f"Nothing was changed: {'; '.join(obstacles)}. Detach it, and delete the versions, first; or apply "
        "force_destroy = true, and destroy it then with all of that.",
    )


def _is_in_state(cloud: Cloud, name: str) -> bool:
    """Whether Terraform's state can be read here: it has the policy."""
    stored = cloud.creates.journal.find_in_state(POLICY_TYPE)
    return any(each.attributes.get("policy_name") == name for each in stored)


def _holders_in_state(cloud: Cloud, name: str) -> Iterator[Principal]:
    """Who has the policy by a resource of ours, or of the official provider."""
    types = [
        "alipolicy_policy_attachment",
        *(f"alicloud_ram_{kind}_policy_attachment" for kind in ram_policies.KINDS),
    ]
    for type_name in types:
        for stored in cloud.creates.journal.find_in_state(type_name):
            has = stored.attributes.get
            if has("policy_name") == name and has("policy_type") == CUSTOM:
                yield from (
                    Principal(kind, str(has(f"{kind}_name")))
                    for kind in ram_policies.KINDS
                    if has(f"{kind}_name")
                )
