"""What a plan and a state say of the default version of a policy: which it is, and which takes over from it.

A review of a plan decides with them what takes effect before a change and afterwards. Nothing here may spoil
a refresh: what cannot be looked up is null. A plan is made of the state alone: Terraform plans once more when
it applies, and refuses a value that has become another one meanwhile. So the plan of a new resource has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from constructs_lib.provider.api_models import RemotePolicyVersion
from constructs_lib.provider.cloud import Cloud
from constructs_lib.provider.default_history import OUTSIDE, OWN, DefaultHistory, find_default
from constructs_lib.provider.errors import CloudError
from constructs_lib.provider.operations import LOOK_AHEAD, cloud_of
from constructs_lib.provider.pending_creates import same_document
from constructs_lib.provider.protocol.context import Context, State
from constructs_lib.provider.protocol.resource import PlannedChange
from constructs_lib.provider.protocol.schema import Attribute, Nested, Nesting, computed
from constructs_lib.provider.protocol.values import UNKNOWN, holds_unknown

DEFAULT, FALLBACK, ON_DESTROY = "default_version", "fallback_version", "fallback_version_on_destroy"
# In the private state: the version was the default one, and another has taken its place since.
TAKEN = "taken"
_NAMES = ("version_id", "create_date", "policy_document")
_VERSION = Nested(
    Nesting.SINGLE,
    {
        "version_id": computed("Its id, such as `v3`."),
        "create_date": computed("When it was created."),
        "policy_document": computed("Its document, as JSON.", same=same_document),
    },
)


def _version(description: str) -> Attribute:
    return computed(description, _VERSION, follows=("policy_document", "set_as_default"))


ATTRIBUTES: dict[str, Attribute] = {
    DEFAULT: _version(
        "The default version of the policy, the one that takes effect, whichever resource it belongs to."
    ),
    FALLBACK: _version(
        "The version that becomes the default version if `set_as_default` goes back to `false`; null where "
        "this version is not the default."
    ),
    ON_DESTROY: _version(
        "The version that is the default version once this resource is destroyed: the same as before where "
        "that stays; null where the default version is none that it created."
    ),
}


def read_default_versions(
    ctx: Context,
    state: State,
    version: RemotePolicyVersion,
    history: DefaultHistory,
    versions: Sequence[RemotePolicyVersion] | None = None,
) -> dict[str, Any]:
    """The attributes, as they are now. `versions`: those of the policy, where they are known."""
    cloud, name, own_id = cloud_of(ctx, LOOK_AHEAD), state["policy_name"], version.version_id
    document = state["policy_document"] or version.policy_document
    known = [dict(zip(_NAMES, (*_key(version), document), strict=True)), *_named(state)]
    try:
        versions = versions or cloud.recent_versions(name)
        if _is_default(versions, own_id) != version.is_default_version:
            versions = cloud.existing_versions(name)
        if _is_default(versions, own_id) != version.is_default_version:
            return dict.fromkeys(ATTRIBUTES)  # it is being switched just now
        created = _ids(history.find_created(versions, own_id))
        default = find_default(versions)
        fallback = history.last_default(versions, [own_id]) if version.is_default_version else None
        is_own = default is not None and default.version_id in created
        on_destroy = history.last_default(versions, created) if is_own else None
        if default is not None and is_own and (state["skip_destroy"] or len(created) == len(versions)):
            on_destroy = default.version_id
        described: dict[str, Any] = {}
        wanted = (default, find_by_id(versions, fallback), find_by_id(versions, on_destroy))
        for attribute, found in zip(ATTRIBUTES, wanted, strict=True):
            described[attribute] = _describe(cloud, name, found, known)
            known += _named(described)[-1:]
        return described
    except CloudError as error:
        ctx.log.info("the default version of %s could not be looked up: %s", name, error)
        return dict.fromkeys(ATTRIBUTES)


def plan_default_versions(change: PlannedChange) -> None:
    """Plan the attributes of a change in place, as far as the state tells."""
    planned, prior = change.planned, change.prior
    is_default, is_new = planned["set_as_default"], "policy_document" in change.changed
    if prior is None or is_default is UNKNOWN or not change.changed & {"policy_document", "set_as_default"}:
        return
    default, fallback, on_destroy = (prior[name] for name in ATTRIBUTES)
    if default is None:
        return  # it could not be looked up
    if is_default:
        own = {name: UNKNOWN if is_new and name != "policy_document" else planned[name] for name in _NAMES}
        is_own = on_destroy is not None or default["version_id"] == prior["version_id"]
        stays = on_destroy is not None and on_destroy == default
        values = (own, default, own if stays else on_destroy if is_own else default)
    elif is_new:
        values = (default, None, on_destroy)
    elif fallback is None:
        return
    else:
        stays = on_destroy == default
        values = (fallback, None, fallback if stays else None if fallback == on_destroy else on_destroy)
    planned.update(zip(ATTRIBUTES, values, strict=True))


def warn_of_default(
    ctx: Context, change: PlannedChange, history: DefaultHistory, default: RemotePolicyVersion | None
) -> None:
    """Say which version stops being the default one where another is planned to be, and whether it will want
    that back. `default`: of a policy where the resource has no version yet."""
    planned, prior = change.planned, change.prior
    is_here = prior is not None and "policy_name" not in change.changed
    if planned["set_as_default"] is not True or (is_here and prior and prior["set_as_default"]):
        return
    stopping = prior[DEFAULT] if is_here and prior else None
    if stopping is None and default is not None and default.version_id != "v1":
        # The first version comes with its policy: it is no news that a new one takes its place.
        stopping = dict(zip(_NAMES, _key(default), strict=False))
    if stopping is None:
        return
    version_id, created = stopping["version_id"], stopping["create_date"]
    owner = history.describe_owner(version_id, created)
    detail = f"It is the version of {created}, {owner}."
    if ctx.private.get(TAKEN) and prior:
        detail += f" It has taken the place of {prior['version_id']} since the last apply."
    # A resource of another configuration of the provider is planned by another process.
    is_of_another = owner.startswith("made by ") and owner != OWN
    if owner == OUTSIDE or (is_of_another and ctx.private.get(TAKEN)):
        rival = "another configuration" if owner == OUTSIDE else "that resource"
        detail += (
            f" If {rival} asks for it, too, the two will take turns: each apply makes the own version the "
            "default one. Set set_as_default to true in one of them only."
        )
    summary = f"Version {version_id} of policy {planned['policy_name']} will no longer be the default version"
    further = "" if ctx.private.get(TAKEN) else "Further versions will no longer be default versions"
    ctx.warn(summary, detail, "set_as_default", further=further)


def settle_default_versions(
    ctx: Context,
    state: State,
    version: RemotePolicyVersion,
    history: DefaultHistory,
    versions: Sequence[RemotePolicyVersion] | None = None,
) -> State:
    """The state after an apply, with what its plan did not know; what that knew stays until a refresh.
    `versions`: those of the policy, where they are known."""
    planned = {name: state.get(name) for name in ATTRIBUTES}
    if not holds_unknown(planned):
        return state
    actual = dict(zip(_NAMES, _key(version), strict=False))
    is_read = UNKNOWN in planned.values()
    read = read_default_versions(ctx, state, version, history, versions) if is_read else {}
    for name, value in planned.items():
        if value is UNKNOWN:
            planned[name] = read[name]
        elif isinstance(value, dict):
            planned[name] = {key: actual.get(key) if part is UNKNOWN else part for key, part in value.items()}
    return {**state, **planned}


def _describe(
    cloud: Cloud, name: str, version: RemotePolicyVersion | None, known: Iterable[State]
) -> dict[str, Any] | None:
    """A version as an attribute has it: its document never changes, so it is read once."""
    if version is None:
        return None
    key = _key(version)
    documents = (
        state["policy_document"] for state in known if (state["version_id"], state["create_date"]) == key
    )
    document = next((text for text in documents if isinstance(text, str)), None)
    document = document or cloud.with_document(name, version).policy_document
    return None if document is None else dict(zip(_NAMES, (*key, document), strict=True))


def _named(state: State) -> list[State]:
    """The versions that a state has in these attributes."""
    return [state[name] for name in ATTRIBUTES if isinstance(state.get(name), dict)]


def _key(version: RemotePolicyVersion) -> tuple[str, str]:
    return version.version_id, version.create_date


def _ids(versions: Iterable[RemotePolicyVersion]) -> list[str]:
    return [version.version_id for version in versions]


def find_by_id(versions: Iterable[RemotePolicyVersion], version_id: str | None) -> RemotePolicyVersion | None:
    """Of some versions the one with this id."""
    return next((version for version in versions if version.version_id == version_id), None)


def _is_default(versions: Iterable[RemotePolicyVersion], version_id: str) -> bool:
    default = find_default(versions)
    return default is not None and default.version_id == version_id
