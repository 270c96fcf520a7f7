"""`alipolicy_policy_version`: one version of an existing custom policy of RAM.

Source: RAM, CreatePolicyVersion, SetDefaultPolicyVersion, DeletePolicyVersion, GetPolicyVersion (2015-05-01).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from constructs_lib.provider import unclaimed_creates as past
from constructs_lib.provider.api_models import RemotePolicyVersion, version_name
from constructs_lib.provider.cloud import Cloud
from constructs_lib.provider.default_history import Memory, default_of, heir_of, rotated
from constructs_lib.provider.errors import CloudError
from constructs_lib.provider.operations import (
    cloud_of,
    is_newborn,
    note_birth,
    props_of,
    report,
    warn_of_twins,
)
from constructs_lib.provider.pending_creates.matching import digest_of, same_document, version_request
from constructs_lib.provider.protocol.context import Context, State
from constructs_lib.provider.protocol.diagnostics import Failure
from constructs_lib.provider.protocol.resource import PlannedChange, Resource
from constructs_lib.provider.protocol.schema import Attribute, Schema
from constructs_lib.provider.protocol.types import BOOL, STRING
from constructs_lib.provider.protocol.values import UNKNOWN
from constructs_lib.ram.document import canonical

MAX_VERSIONS = 5
ROTATES = "DeleteOldestNonDefaultVersionWhenLimitExceeded"
# How long a plan may look up what it only warns about (seconds).
LOOK_AHEAD = 10.0

_ID = re.compile(r"([A-Za-z0-9-]{1,128}):(v[1-9][0-9]*)")

SCHEMA = Schema(
    {
        "id": Attribute(
            STRING,
            "`<policy_name>:<version_id>`, such as `oss-readers:v3`.",
            computed=True,
            follows=("policy_document",),
        ),
        "policy_name": Attribute(
            STRING,
            "The custom policy that gets a version; it must exist. 1 to 128 letters, digits and `-`. A "
            "change makes a new version there.",
            required=True,
            force_new=True,
        ),
        "policy_document": Attribute(
            STRING,
            "The document, as JSON of at most 6,144 bytes. Order, repetition and formatting do not count; "
            "any other change makes a new version, and the old one stays for a way back.",
            required=True,
            same=same_document,
        ),
        "set_as_default": Attribute(
            BOOL,
            "Whether the version is in force for all that the policy is attached to. `true` puts it in "
            "force; back to `false` gives that back to the version that had it before. Default: `false`.",
            optional=True,
            default=False,
        ),
        "rotate_strategy": Attribute(
            STRING,
            "What gives way to a sixth version: with `None` it is refused, with "
            "`DeleteOldestNonDefaultVersionWhenLimitExceeded` the oldest one not in force is deleted. "
            "Default: `None`.",
            optional=True,
        ),
        "version_id": Attribute(
            STRING, "The version's id, such as `v3`.", computed=True, follows=("policy_document",)
        ),
        "is_default_version": Attribute(
            BOOL,
            "Whether the version is in force.",
            computed=True,
            follows=("policy_document", "set_as_default"),
        ),
        "create_date": Attribute(
            STRING,
            "When the version was created, such as `2015-01-23T12:33:18Z`.",
            computed=True,
            follows=("policy_document",),
        ),
    },
    "One version of an existing custom policy of RAM: stage it, put it in force, roll it back. Whoever "
    "destroys it destroys all versions that it made.",
    timeouts={"create": 300, "update": 300, "delete": 300},
)


class PolicyVersionResource(Resource):
    type_name = "alipolicy_policy_version"
    schema = SCHEMA

    def validate(self, ctx: Context, config: State) -> None:
        from constructs_lib.ram.checks import CHECKS, check_policy_version
        from constructs_lib.ram.policy_version import PolicyVersionProps

        report(ctx, check_policy_version(props_of(PolicyVersionProps, config, {})), CHECKS)

    def plan(self, ctx: Context, change: PlannedChange) -> None:
        planned, name = change.planned, change.planned["policy_name"]
        if ctx.client is None:
            return
        _plan_of_journal(ctx, change)
        if name is UNKNOWN:
            return
        if change.prior is None:
            Memory(ctx).take_along([*cloud_of(ctx).creations.notes.get(name, {}).values()])
        if change.prior is None or change.changed & {"policy_name", "policy_document"}:
            _warn_of_the_limit(ctx, planned)
        elif "set_as_default" in change.changed and planned["set_as_default"] is False:
            version_id = planned["version_id"]
            heir_of(ctx, name, cloud_of(ctx).policy_versions(name) or [], [version_id], "set_as_default")

    def plan_destroy(self, ctx: Context, prior: State) -> None:
        if ctx.client is not None:
            cloud, name = cloud_of(ctx), prior["policy_name"]
            _known(ctx, cloud, prior)
            _recall(ctx, cloud, prior)
            _noted(ctx, cloud, prior)
            versions = cloud.policy_versions(name) or []
            going = Memory(ctx).made_among(versions, prior["version_id"])
            if any(one.is_default_version for one in going):
                heir = heir_of(ctx, name, versions, _ids(going))
                ctx.warn(f"Version {heir} of policy {name} will be in force again", _IN_FORCE)

    def create(self, ctx: Context, planned: State) -> State:
        cloud, memory = cloud_of(ctx), Memory(ctx)
        memory.recognise("")  # what a plan took along is for the one that makes way
        memory.note_default(default_of(cloud.policy_versions(planned["policy_name"]) or []))
        return _noted(ctx, cloud, _make(ctx, cloud, planned, ""))

    def read(self, ctx: Context, state: State) -> State | None:
        cloud, name, version_id = cloud_of(ctx), state["policy_name"], state["version_id"]
        _known(ctx, cloud, state)
        version = cloud.policy_version(name, version_id)
        if version is None and is_newborn(ctx):
            version = _visible(ctx, cloud, name, version_id)
        if version is None:
            return None
        _recall(ctx, cloud, state, is_stored=True)
        memory = Memory(ctx)
        memory.note_made(version)
        if not memory.knows_defaults:
            # Imported: the version that is in force now is the one to give it back to later.
            memory.note_default(default_of(cloud.policy_versions(name) or [], other_than=version_id))
        _noted(ctx, cloud, state)
        return _state(state, version, version.policy_document or state["policy_document"])

    def update(self, ctx: Context, prior: State, planned: State) -> State:
        cloud = cloud_of(ctx)
        makes = planned["policy_document"] != prior["policy_document"]
        if not makes and planned["set_as_default"] == prior["set_as_default"]:
            return planned
        _recall(ctx, cloud, prior)
        with _kept(ctx, cloud, prior):
            return _noted(ctx, cloud, self._changed(ctx, cloud, prior, planned, makes))

    def _changed(self, ctx: Context, cloud: Cloud, prior: State, planned: State, makes: bool) -> State:
        name, version_id = planned["policy_name"], planned["version_id"]
        if makes:
            if planned["set_as_default"]:
                Memory(ctx).note_default(default_of(cloud.policy_versions(name) or []))
            return _make(ctx, cloud, planned, _name(prior))
        with cloud.alone_with(name):
            versions = cloud.policy_versions(name) or []
            other = default_of(versions, other_than=version_id)
            if planned["set_as_default"]:
                Memory(ctx).note_default(other)
                _put_in_force(ctx, cloud, name, version_id, _name(planned))
            elif other is None:
                # Else another resource of this run was put in force already, and stays so.
                heir = heir_of(ctx, name, versions, [version_id], "set_as_default")
                cloud.set_default_policy_version(name, heir)
        return {**planned, "is_default_version": planned["set_as_default"]}

    def delete(self, ctx: Context, state: State) -> None:
        cloud = cloud_of(ctx)
        past.tell(ctx, cloud, is_applying=True)
        Memory(ctx).recognise(_name(state))
        _recall(ctx, cloud, state)
        # Alone: another resource that is destroyed beside it may give the default to a version of this one.
        with _kept(ctx, cloud, state), cloud.alone_with(state["policy_name"]):
            _noted(ctx, cloud, state)
            with _kept(ctx, cloud, state):  # with what those knew that went meanwhile
                self._deleted(ctx, cloud, state)

    def _deleted(self, ctx: Context, cloud: Cloud, state: State) -> None:
        name = state["policy_name"]
        if is_newborn(ctx):
            # So new that a list may not have it yet: it would be left behind.
            versions = cloud.policy_versions_with(name, state["version_id"])
        else:
            versions = cloud.policy_versions(name) or []
        going = Memory(ctx).made_among(versions, state["version_id"])
        if any(one.is_default_version for one in going):
            heir = heir_of(ctx, name, versions, _ids(going))
            cloud.set_default_policy_version(name, heir)
            ctx.warn(f"Version {heir} of policy {name} is in force again", _IN_FORCE)
        for version in going:
            cloud.delete_policy_version(name, version.version_id)
        _bequeath(ctx, cloud, state, versions, going)

    def import_(self, ctx: Context, id: str) -> State:
        parsed = _ID.fullmatch(id.strip())
        if parsed is None:
            raise Failure(
                f"{id!r} is no version of a policy", "Import by <policy_name>:<version_id>: oss-readers:v3."
            )
        return {"id": parsed[0], "policy_name": parsed[1], "version_id": parsed[2]}


_IN_FORCE = (
    "It was in force before a version of this resource was. What is deleted has to be out of force first."
)


# ------------------------------------------------------------ the mapping


def sent(document: str) -> str:
    """A document as it is sent: its canonical form, the size of which the checks judge."""
    form = json.loads(document.removeprefix("\ufeff"))
    return json.dumps(canonical(form), ensure_ascii=False, separators=(",", ":"))


def _state(state: State, version: RemotePolicyVersion, document: str | None) -> State:
    return {
        **state,
        "id": f"{state['policy_name']}:{version.version_id}",
        "policy_document": document,
        "set_as_default": version.is_default_version,
        "version_id": version.version_id,
        "is_default_version": version.is_default_version,
        "create_date": version.create_date,
    }


# ------------------------------------------------------------ what earlier runs left


def _name(state: State) -> str:
    """The version as the journal calls it."""
    return f"{state['policy_name']}:{state['version_id']} of {state['create_date']}"


def _known(ctx: Context, cloud: Cloud, state: State) -> None:
    past.in_state(cloud, past.VERSION, _name(state))
    past.tell(ctx, cloud)


def _plan_of_journal(ctx: Context, change: PlannedChange) -> None:
    """Tell the journal what is planned, and what is there already."""
    cloud, prior = cloud_of(ctx, LOOK_AHEAD), change.prior
    past.tell(ctx, cloud)
    if prior is not None:
        _known(ctx, cloud, prior)
        cloud.creations.journal.plans_something()
    name, document = change.planned["policy_name"], change.planned["policy_document"]
    if UNKNOWN in (name, document):
        past.planned(cloud, past.VERSION, None)
    elif prior is None or change.changed & {"policy_name", "policy_document"}:
        past.planned(cloud, past.VERSION, version_request(name, sent(document)))


@contextmanager
def _kept(ctx: Context, cloud: Cloud, state: State) -> Iterator[None]:
    """Meanwhile the journal holds what the private state knows: Terraform drops that of a resource whose
    provider is killed while it changes it."""
    journal, scope = cloud.creations.journal, cloud.scope(past.DEFAULT)
    note = Memory(ctx).note(_name(state))
    entry = journal.begin(past.DEFAULT, scope, state["policy_name"], "", began=time.time(), note=note)
    for earlier in journal.about(scope, _name(state)):
        if earlier.kind == past.DEFAULT:
            journal.end(earlier)  # all that it knows has been recalled, and stands in this one
    try:
        yield
    except Exception:
        journal.end(entry)
        raise
    journal.end(entry)


def _recall(ctx: Context, cloud: Cloud, state: State, *, is_stored: bool = False) -> None:
    """Learn what runs that were killed have done to this resource, and its private state cannot know.

    `is_stored`: what is known already comes from Terraform's state.
    """
    journal, memory = cloud.creations.journal, Memory(ctx)
    if journal.is_idle():
        return
    for entry in journal.about(cloud.scope(past.VERSION), _name(state)):
        journal.plans(entry.kind, entry.digest)
        made = past.versions_of(cloud, entry) if entry.kind == past.VERSION else []
        if entry.kind == past.VERSION and len(made) != 1:
            continue
        note = {**entry.note, "made": {**entry.note.get("made", {}), **dict(map(_parted, made))}}
        if not memory.knows(note):
            memory.learn(note)
        elif is_stored:
            journal.end(entry)


def _noted(ctx: Context, cloud: Cloud, state: State) -> State:
    """The state, after the other resources of this run know what its private part knows; what is destroyed
    beside it may have to say who was in force before that."""
    notes, name = cloud.creations.notes.setdefault(state["policy_name"], {}), _name(state)
    Memory(ctx).inherit(state["policy_name"], notes)
    notes[name] = Memory(ctx).note(name)
    return state


def _bequeath(
    ctx: Context,
    cloud: Cloud,
    state: State,
    versions: Iterable[RemotePolicyVersion],
    gone: list[RemotePolicyVersion],
) -> None:
    """Leave in the journal what those have to know who would give the default back to what is gone."""
    journal, name = cloud.creations.journal, state["policy_name"]
    left = {version_name(name, one) for one in versions if one not in gone}
    notes = [note for of, note in [*cloud.creations.notes[name].items()] if of in left]
    for note in Memory(ctx).bequests(notes, gone):
        scope = cloud.scope(past.DEFAULT)
        journal.plans(past.DEFAULT, "")
        journal.release(journal.begin(past.DEFAULT, scope, name, "", began=time.time(), note=note))


def _parted(name: str) -> tuple[str, str]:
    """Id and date of a version, from its name in the journal."""
    called, _, date = name.partition(" of ")
    return called.rpartition(":")[2], date


# ------------------------------------------------------------ the cloud


def _ids(versions: Iterable[RemotePolicyVersion]) -> list[str]:
    return [one.version_id for one in versions]


def _make(ctx: Context, cloud: Cloud, planned: State, of: str) -> State:
    """Create the planned version and return its state. `of`: the version that the resource had so far."""
    name, in_force, memory = planned["policy_name"], bool(planned["set_as_default"]), Memory(ctx)
    try:
        created = cloud.create_policy_version(
            name,
            sent(planned["policy_document"]),
            set_as_default=in_force,
            rotate_strategy=planned["rotate_strategy"],
            note=memory.note(of),
        )
    except CloudError as error:
        if error.code.startswith("LimitExceeded.Policy.Version"):
            raise _full(cloud, name, error) from error
        raise
    version = created.value
    state = _state(planned, version, planned["policy_document"])
    note_birth(ctx)
    if created.note is not None:
        memory.adopt(created.note, version)
    memory.note_made(version)
    ctx.save(state)
    warn_of_twins(ctx, created.twins)
    past.tell_of_adoption(ctx, created, state["id"])
    past.tell(ctx, cloud, is_applying=True)
    if in_force and not version.is_default_version:
        cloud.set_default_policy_version(name, version.version_id)
    elif version.is_default_version and not in_force:
        # The run that made it wanted it in force.
        heir = heir_of(ctx, name, cloud.policy_versions(name) or [], [version.version_id], "set_as_default")
        cloud.set_default_policy_version(name, heir)
    return {**state, "set_as_default": in_force, "is_default_version": in_force}


def _put_in_force(ctx: Context, cloud: Cloud, name: str, version_id: str, of: str) -> None:
    """Give the default to a version, after the journal knows who had it."""
    journal, scope = cloud.creations.journal, cloud.scope(past.DEFAULT)
    entry = journal.begin(past.DEFAULT, scope, name, "", began=time.time(), note=Memory(ctx).note(of))
    try:
        cloud.set_default_policy_version(name, version_id)
    finally:
        journal.release(entry)


def _full(cloud: Cloud, name: str, error: CloudError) -> Failure:
    versions = cloud.policy_versions(name) or []
    listed = ", ".join(
        f"{one.version_id} of {one.create_date}{' (in force)' if one.is_default_version else ''}"
        for one in versions
    )
    return Failure(
        f"Policy {name} has no room for another version",
        f"It has {listed}; {MAX_VERSIONS} are the most. Delete one that nobody needs, or set rotate_strategy "
        f'to "{ROTATES}", which deletes the oldest that is not in force.\n{error}',
        "rotate_strategy",
    )


def _visible(ctx: Context, cloud: Cloud, name: str, version_id: str) -> RemotePolicyVersion | None:
    """A new version, which may take a moment to be visible everywhere."""
    waited = 0.0
    while waited < cloud.settle:
        ctx.sleep(1.0)
        waited += 1.0
        if version := cloud.policy_version(name, version_id):
            return version
    return None


def _warn_of_the_limit(ctx: Context, planned: State) -> None:
    """Say what happens to a policy that is full, or will be before this version is made: which version goes,
    or that the new one is refused."""
    cloud, name, strategy = cloud_of(ctx, LOOK_AHEAD), planned["policy_name"], planned["rotate_strategy"]
    document, in_force = planned["policy_document"], planned["set_as_default"] is True
    digest = "" if document is UNKNOWN else digest_of(past.VERSION, version_request(name, sent(document)))
    others = cloud.creations.planned_before(("policy", name), digest, in_force)
    try:
        versions = cloud.policy_versions(name) or []
    except CloudError as error:
        ctx.warn(f"The versions of policy {name} could not be looked up", f"Whether it has room: {error}")
        return
    if len(versions) + len(others) < MAX_VERSIONS or strategy is UNKNOWN:
        return
    if strategy != ROTATES:
        when = "already" if len(versions) >= MAX_VERSIONS else "with those that are planned"
        detail = f'RAM will refuse a sixth. Delete one, or set rotate_strategy to "{ROTATES}".'
        ctx.warn(f"Policy {name} has {MAX_VERSIONS} versions {when}", detail, "rotate_strategy")
        return
    oldest = rotated(versions, [*others, in_force], MAX_VERSIONS)
    if oldest is None:
        detail = "One that is new goes for another that is new: fewer resources can have versions of it."
        ctx.warn(f"Policy {name} gets more versions than it can hold", detail, "rotate_strategy")
        return
    detail = f"It was created {oldest.create_date}; it makes room for the new one, and cannot be had back."
    if others:
        detail += " Which one goes for which new one depends on the order in which they are made."
    ctx.warn(f"Version {oldest.version_id} of policy {name} will be deleted", detail, "rotate_strategy")
