"""What takes effect of each policy before and after a change: the document of its default version.

A plan says it of every version that the `alipolicy` provider knows (`default_version`, and what takes over
from it), and of every policy that an `alipolicy_policy_versions` data source has read; configuration says it
only by what the resources of one policy ask for together, in all stacks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import evolve, field, frozen

from constructs_lib.ram.plan_checks import MAX_VERSIONS
from constructs_lib.ram.policy_version import PolicyVersionProps, RotateStrategy
from constructs_lib.ram.resource_types import POLICY
from constructs_lib.resource_type import ResourceKind
from constructs_lib.review import normal_form
from constructs_lib.review.loading.resource import LoadedResource, Side
from constructs_lib.review.pairing import Pair
from constructs_lib.review.report import Action
from constructs_lib.tokens import holds_token, is_token, known, literal

# The attributes that a document is written as; one made of `statement` blocks is filled in beside them.
_DOCUMENTS = ("statement", "policy_document", "document")
# A reference to what is, or leads to, the name of a policy: the id of an official policy is its name.
_MODULE = re.compile(r'module\.(?:[^.\[]|\[(?:[0-9]+|"(?:[^"\\]|\\.)*")\])+\.')
_NAMED = re.compile(
    r"\$\{((?:alicloud_ram_policy|alipolicy_policy|alipolicy_policy_version)\.[^{}]+)"
    r"\.(?:id|name|policy_name)\}"
)
# A policy, by its account and its name; where that is unknown, by the expression that says it in one stack.
Key = tuple[str, ...]


@frozen(eq=False)
class Version:
    """A version of a policy that is there, before the change or after.

    * `label`: its id, such as `v3`; where that is unknown, what it is called instead.
    * `props`: its document, and what else is known of it.
    * `resource`: the one it is managed by, if any.
    """

    label: str
    props: PolicyVersionProps = field(repr=False)
    resource: LoadedResource | None = field(default=None, repr=False)


@frozen(eq=False)
class DefaultVersion:
    """What takes effect of a policy on one side.

    * `version`: the default version; None where there is no policy, or it is unknown.
    * `unknown`: why it is unknown; None where it is known.
    """

    version: Version | None = None
    unknown: str | None = None


@frozen(eq=False)
class VersionsOfPolicy:
    """The versions of one policy.

    * `key`: the policy. `name`: as it is written.
    * `before`, `after`: what takes effect; the same object where nothing changes.
    * `claims`: the resources that ask to be the default version, where there are several.
    * `non_default`: the versions from before that stay, but for the one that is the default afterwards.
    * `switched`: the resources that asked to be the default version and were not, where it is not known which
      version was.
    * `gives_up`: the resources whose version is the default no longer, or may be, by the `id` of the pair.
    * `reported_at`: the resource whose findings tell of the policy: the one that decides what takes effect
      afterwards, if it is one.
    * `creators`: the resources that create a version, by the `id` of the pair, where the policy has no room
      for all that are known.
    """

    key: Key
    name: str
    before: DefaultVersion
    after: DefaultVersion
    claims: tuple[str, ...] = ()
    switched: tuple[str, ...] = ()
    non_default: tuple[Version, ...] = ()
    gives_up: frozenset[int] = frozenset()
    reported_at: Pair | None = None
    creators: frozenset[int] = frozenset()

    @property
    def is_changed(self) -> bool:
        """Whether another version becomes the default, or may."""
        return self.after is not self.before


@frozen
class KnownPolicies:
    """The versions of all policies that are known.

    * `_keys`: the policies that a pair is a version of, by its `id`.
    * `_named`: the policy by the resource that it is a version of: on the new side or the old one, the stack,
      and the address. `_renamed`: the policy that it is compared as, by the old name.
    """

    _policies: Mapping[Key, VersionsOfPolicy]
    _keys: Mapping[int, tuple[Key, ...]]
    _named: Mapping[tuple[bool, str, str], Key]
    _renamed: Mapping[Key, Key]
    _has_accounts: bool

    @classmethod
    def of(cls, pairs: Iterable[Pair], old: Side | None) -> KnownPolicies:
        versions = [pair for pair in pairs if pair.shown.kind is ResourceKind.POLICY_VERSION]
        # A state does not say of which account a resource is.
        has_accounts = len({side.is_applied for pair in versions for side in pair if side}) <= 1
        members: dict[Key, list[_Member]] = {}
        keys: dict[int, tuple[Key, ...]] = {}
        for pair in versions:
            of_pair = list(_members(pair, has_accounts))
            keys[id(pair)] = tuple(dict.fromkeys(key for key, _ in of_pair))
            for key, member in of_pair:
                members.setdefault(key, []).append(member)
        listed: dict[Key, list[Version]] = {}
        for _, version_id, props in old.versions if old else ():
            if name := known(props.policy_name, str):
                listed.setdefault(("", name), []).append(Version(version_id, props))
        renamed = {
            key: keys[id(group[0].pair)][0]
            for key, group in members.items()
            if len(group) == 1 and group[0].is_renamed_away
        }
        policies = {
            key: _PolicyChange.of(key, group, listed.get(key, ()), has_old=old is not None).versions()
            for key, group in members.items()
            if key not in renamed
        }
        named = {
            (is_new, side.stack, side.address): _key(side, has_accounts)
            for pair in versions
            for is_new, side in ((False, pair.old), (True, pair.new))
            if side is not None
        }
        return cls(policies, keys, named, renamed, has_accounts)

    def of_pair(self, pair: Pair) -> list[VersionsOfPolicy]:
        """The policies that a resource is a version of, the new one first where its name changes."""
        return [self._policies[key] for key in self._keys.get(id(pair), ()) if key in self._policies]

    def find(self, key: Key) -> VersionsOfPolicy | None:
        return self._policies.get(key)

    def key(self, attached: Mapping[str, Any], stack: str, address: str, *, is_new: bool) -> Key | None:
        """The policy that a resource of one side names as `policy_name`, by value or by reference."""
        name = attached.get("policy_name")
        literal_name = known(name, str)
        key: Key | None = (self.account(attached, stack), literal_name) if literal_name else None
        if match := _NAMED.fullmatch(name) if isinstance(name, str) else None:
            module = "".join(_MODULE.findall(address))
            key = self._named.get((is_new, stack, f"{module}{match[1]}"))
        return key if is_new or key is None else self._renamed.get(key, key)

    def account(self, attached: Mapping[str, Any], stack: str) -> str:
        """Where a resource works, as the first part of a key has it."""
        return _account(attached.get("provider") if self._has_accounts else None, stack)

    def is_renamed(self, key: Key) -> bool:
        """Whether a policy of another name stands for it on the old side."""
        return key in self._renamed.values()


def is_new_document(old: LoadedResource | None, new: LoadedResource | None) -> bool:
    """Whether both sides are different documents, however they are spelt."""
    if old is new:
        return False
    texts = [None if resource is None else resource.document_text for resource in (old, new)]
    return texts[0] != texts[1]


def fallback_on_destroy(resource: LoadedResource) -> str | None:
    """The label of the version that takes over where the resource is destroyed, as the provider names it."""
    reported = _reported(resource, "fallback_version_on_destroy")
    return reported.label if reported else None


# ------------------------------------------------------------ what a resource does in a policy


@frozen(eq=False)
class _Member:
    """What becomes of a resource in one policy; replaced, it leaves with one member and comes with another.

    * `old`, `new`: each None where there is none in this policy.
    """

    pair: Pair
    old: LoadedResource | None
    new: LoadedResource | None

    @property
    def is_changed(self) -> bool:
        return self.pair.is_changed

    @property
    def is_whole(self) -> bool:
        """Whether it is a policy, and not a version of one."""
        return any(side is not None and side.type.is_whole_policy for side in (self.old, self.new))

    @property
    def is_renamed_away(self) -> bool:
        """Whether it is a whole policy that gets another name; it is compared under that."""
        return self.is_whole and self.new is None and self.pair.new is not None

    @property
    def destroys_policy(self) -> bool:
        """Whether the policy goes with all its versions, whether or not it is created again."""
        is_destroyed = self.new is None or self.pair.action is Action.REPLACED
        return self.is_whole and self.old is not None and is_destroyed

    @property
    def is_created(self) -> bool:
        """Whether it is created, or created anew."""
        return self.new is not None and (self.old is None or self.pair.action is Action.REPLACED)

    @property
    def creates_version(self) -> bool:
        return self.is_created or (self.new is not None and is_new_document(self.old, self.new))

    @property
    def brings_document(self) -> bool:
        """Whether a policy takes the default version where no version of it asks for that."""
        keeps_versions = self.new is not None and self.new.type is POLICY
        return self.creates_version if keeps_versions else self.is_created

    @property
    def deletes_version(self) -> bool:
        """Whether the version that it had is deleted for the one that it creates."""
        return self.new is not None and self.new.type is POLICY and self.creates_version

    @property
    def asks_for_default(self) -> bool | None:
        """Whether the version shall be the default; None while that is unknown."""
        return self.new is not None and _asks_for_default(self.new)

    @property
    def is_only_read(self) -> bool:
        """Whether nothing is asked for: what is no longer managed, and a whole policy that a plan leaves
        as it is, whose document is that of the default version."""
        is_left = self.is_whole and self.new is not None and self.new.is_applied and not self.creates_version
        return is_left or self.pair.action is Action.FORGOTTEN

    @property
    def default_before(self) -> Version | None:
        """The default version before, as the provider names it."""
        return _reported(self.old, "default_version")

    @property
    def gives_up_default(self) -> bool:
        """Whether the version that was the default may be it no longer, because of this resource."""
        if self.old is None or self.is_whole or not self.is_changed:
            return False
        if self.new is None and isinstance(self.old.attributes.get("fallback_version_on_destroy"), dict):
            return True  # one of the versions that it has created is the default, and goes along
        leaves = self.asks_for_default is False and not self.creates_version
        return leaves and _was_default(self.old) is not False

    def may_take_along(self, before: DefaultVersion) -> bool:
        """Whether the default version may be an older one that the resource has created: destroyed, it takes
        all of those along. The first version of a policy comes with the policy."""
        if self.old is None or self.new is not None or self.is_whole:
            return False
        default = before.version
        is_elsewhere = default is not None and (
            default.label == "v1"
            or (default.resource is not None and not default.resource.type.is_whole_policy)
        )
        is_known = self.default_before is not None or _version_id(self.old) in ("v1", "v2")
        return not (is_elsewhere or is_known)


def _members(pair: Pair, has_accounts: bool) -> Iterator[tuple[Key, _Member]]:
    """What a pair does in each RAM policy, the new one first."""
    old, new = pair
    old_key, new_key = (side and _key(side, has_accounts) for side in (old, new))
    if old is not None and old_key and pair.action is Action.FORGOTTEN:
        yield old_key, _Member(pair, old, old)  # it stays as it is
        return
    is_whole = old is not None and new is not None and old.type is new.type and new.type.is_whole_policy
    is_one = old_key == new_key and (is_whole or pair.action is not Action.REPLACED)
    if new_key:
        yield new_key, _Member(pair, old if is_one or is_whole else None, new)
    if old_key and not is_one:
        yield old_key, _Member(pair, old, None)


def _key(resource: LoadedResource, has_accounts: bool) -> Key:
    """The policy that a resource is a version of, in the account of its provider."""
    name, place = resource.props.policy_name, resource.settings.get("provider") if has_accounts else None
    account = _account(place, resource.stack)
    if literal_name := known(name, str):
        return (account, literal_name)
    own = () if is_token(name) else (resource.address,)
    return (account, resource.stack, *own, str(name))


def _account(place: Any, stack: str) -> str:
    """The account where a provider works; one that is not decided is of its stack alone."""
    account = normal_form.text(place) if place else ""
    return account + stack if place and (holds_token(place) or "alias" in place) else account


def is_made_default(props: PolicyVersionProps) -> bool | None:
    """Whether a version is made the default; None while unknown. Left out, it is not."""
    value = props.set_as_default
    return bool(value) if isinstance(value, (bool, type(None))) else None


def _asks_for_default(resource: LoadedResource) -> bool | None:
    if resource.type is POLICY:
        return False  # it leaves the default version to the versions of the policy
    if resource.type.is_whole_policy:
        return not _is_left_alone(resource)
    assert isinstance(resource.props, PolicyVersionProps)
    return is_made_default(resource.props)


def _was_default(resource: LoadedResource) -> bool | None:
    """Whether its version was the default; None where that is unknown."""
    actual = resource.attributes.get("is_default_version") if resource.is_applied else None
    if isinstance(actual, bool) and not resource.type.is_whole_policy:
        return actual
    return _asks_for_default(resource)


def _holds_default(resource: LoadedResource) -> bool:
    """Whether it is a policy that leaves its versions to others, and itself has the default version, as far
    as it knows: configuration has neither of the two."""
    default, own = (resource.attributes.get(name) for name in ("default_version", "version_id"))
    return resource.type is POLICY and default == own


def _is_left_alone(resource: LoadedResource) -> bool:
    """Whether Terraform ignores a changed document, so that other resources may make versions."""
    ignored = resource.settings.get("ignore_changes") or ()
    written = next((name for name in _DOCUMENTS if name in resource.attributes), "policy_document")
    return "all" in ignored or written in ignored


# ------------------------------------------------------------ one policy


@frozen(eq=False)
class _PolicyChange:
    """Works out the versions of one policy.

    * `there`: the versions of the old side: those that a data source lists, and those of resources.
    * `claims`: the resources that ask to be the default version.
    * `has_old`: whether there is an old side at all; else nothing takes effect before.
    """

    key: Key
    group: Sequence[_Member]
    there: Sequence[Version]
    claims: Sequence[_Member]
    has_old: bool

    @classmethod
    def of(
        cls, key: Key, group: Sequence[_Member], listed: Sequence[Version], *, has_old: bool
    ) -> _PolicyChange:
        unmanaged = {version.label: version for version in listed}
        managed = []
        for member in group:
            if member.old is not None and not member.is_renamed_away:
                version = _of_resource(member.old)
                listed_version = unmanaged.pop(version.label, None)
                managed.append(evolve(listed_version, resource=member.old) if listed_version else version)
        there = (*unmanaged.values(), *managed)
        claims = [member for member in group if member.asks_for_default and not member.is_only_read]
        if not claims:  # the document of a new policy takes effect, also where it is left alone from then on
            claims = [member for member in group if member.is_whole and member.brings_document]
        return cls(key, group, there, claims, has_old)

    @property
    def name(self) -> str:
        return self.key[-1]

    def versions(self) -> VersionsOfPolicy:
        before = self._before()
        after = self._after(before)
        removed = {id(member.old) for member in self.group if member.new is None or member.deletes_version}
        is_gone = any(member.destroys_policy for member in self.group)
        left = [version for version in self.there if id(version.resource) not in removed]
        claims = self._claimants() if len(self.claims) > 1 else ()
        creators = frozenset(id(member.pair) for member in self.group if member.creates_version)
        is_full = len(left) + len(creators) > MAX_VERSIONS and not is_gone
        return VersionsOfPolicy(
            self.key,
            self.name,
            before,
            after,
            claims=claims,
            switched=() if before.version else tuple(self._switched()),
            non_default=() if is_gone else tuple(version for version in left if version is not after.version),
            gives_up=frozenset(id(member.pair) for member in self.group if member.gives_up_default),
            reported_at=self._reported_at(),
            creators=creators if is_full else frozenset(),
        )

    def _claimants(self) -> tuple[str, ...]:
        """The addresses of the resources that ask to be the default version, with their stacks if several."""
        has_stacks = len({member.pair.shown.stack for member in self.claims}) > 1
        return tuple(
            _address(member) + (f" of stack {member.pair.shown.stack}" if has_stacks else "")
            for member in self.claims
        )

    def _reported_at(self) -> Pair:
        changed = [member for member in self.group if member.is_changed]
        claims = [member for member in self.claims if member.is_changed or not changed]
        leaving = [member for member in self.group if member.gives_up_default]
        return (claims or leaving or changed or list(self.group))[0].pair

    def _switched(self) -> Iterator[str]:
        for member in self.group:
            old = member.old
            if old is not None and _asks_for_default(old) is True and _was_default(old) is False:
                yield _address(member)

    # -- before

    def _before(self) -> DefaultVersion:
        """What took effect, if all that is known of it agrees."""
        candidates = list(dict.fromkeys(self._defaults()))
        if candidates:
            if len(candidates) == 1 or len(set(map(_document_text, candidates))) == 1:
                return DefaultVersion(candidates[0])
            labels = " or ".join(dict.fromkeys(version.label for version in candidates))
            reason = f"it is not certain which version of policy {self.name} was the default: {labels}"
            return DefaultVersion(unknown=reason)
        olds = [member for member in self.group if member.old is not None]
        is_created = not olds and any(member.is_whole for member in self.group)
        if is_created or not self.has_old:
            return DefaultVersion()
        reason = f"which version of policy {self.name} was the default is not known here"
        return DefaultVersion(unknown=reason)

    def _defaults(self) -> Iterator[Version]:
        """Each version that something says was the default."""
        for version in self.there:
            resource = version.resource
            is_listed = resource is None or version.props is not resource.props
            if is_listed and version.props.set_as_default is True:
                yield version
        for member in self.group:
            if reported := member.default_before:
                yield self._same(reported)
        claimed = [version for version in self.there if version.resource and _was_default(version.resource)]
        own = [version for version in self.there if version.resource and _holds_default(version.resource)]
        yield from claimed or own

    def _same(self, reported: Version) -> Version:
        """The version of a resource or a data source where the provider names one of those."""
        return next((version for version in self.there if version.label == reported.label), reported)

    # -- after

    def _after(self, before: DefaultVersion) -> DefaultVersion:
        """What will take effect; `before` itself where nothing changes that."""
        if not any(member.is_changed for member in self.group):
            return before
        if any(member.destroys_policy for member in self.group):
            return self._after_destroyed_policy()
        for member in self.group:
            if member.is_changed and member.asks_for_default is None:
                what = f"whether {_address(member)} becomes the default version of policy {self.name}"
                return DefaultVersion(unknown=f"{what} is known to Terraform only later")
        if len(self.claims) > 1:
            addresses = " and ".join(self._claimants())
            reason = f"{addresses} both ask to be the default version of policy {self.name}"
            return DefaultVersion(unknown=reason)
        if self.claims and (version := self._promoted(self.claims[0])):
            return DefaultVersion(version)
        leaving = [
            member for member in self.group if member.gives_up_default or member.may_take_along(before)
        ]
        return self._fallback(leaving) if leaving else before

    def _after_destroyed_policy(self) -> DefaultVersion:
        left = [member for member in self.group if member.new is not None]
        if not left:
            return DefaultVersion()
        if any(member.is_whole for member in left) and len(left) == 1:
            return DefaultVersion(_of_resource_after(left[0]))
        reason = f"policy {self.name} is destroyed, and {_address(left[0])} is a version of it"
        return DefaultVersion(unknown=reason)

    def _promoted(self, claim: _Member) -> Version | None:
        """The version of the one resource that asks for it, if applying makes it the default."""
        if not claim.is_changed:
            return None
        if claim.creates_version or claim.old is None:
            return _of_resource_after(claim)
        if _asks_for_default(claim.old) is True:
            return None
        return next(version for version in self.there if version.resource is claim.old)

    def _fallback(self, leaving: Sequence[_Member]) -> DefaultVersion:
        """The version that takes over from the default version, as the provider says."""
        member = leaving[0]
        what = f"which version of policy {self.name} takes over from {_address(member)}"
        unknown = DefaultVersion(unknown=f"{what} is not known here")
        reported = _reported(member.old, "fallback_version_on_destroy")
        if member.new is not None:
            reported = _reported(member.new, "default_version")
        if reported is None or len(leaving) > 1:
            return unknown
        others = [other for other in self.group if other is not member]
        fallback = self._same(reported)
        stays = any(other.new is not None and other.old is fallback.resource for other in others)
        if any(other.new is None for other in others) and not stays:
            return unknown  # it may be one that those have created, and take along
        if any(other.creates_version and _rotates(other) for other in others):
            return unknown  # it may be the one that makes room
        return DefaultVersion(fallback)


def _address(member: _Member) -> str:
    resource = member.new or member.old
    assert resource is not None
    return resource.address


def _of_resource(resource: LoadedResource) -> Version:
    assert isinstance(resource.props, PolicyVersionProps)
    return Version(_version_id(resource) or f"the old one of {resource.address}", resource.props, resource)


def _of_resource_after(member: _Member) -> Version:
    resource = member.new
    assert resource is not None
    assert isinstance(resource.props, PolicyVersionProps)
    return Version(resource.address, resource.props, resource)


def _version_id(resource: LoadedResource) -> str | None:
    has_default = resource.type.is_whole_policy and resource.type is not POLICY
    label = resource.attributes.get("default_version" if has_default else "version_id")
    return known(label, str) or None if resource.is_applied else None


def _document_text(version: Version) -> str:
    return normal_form.text(normal_form.document(version.props))


def _reported(resource: LoadedResource | None, attribute: str) -> Version | None:
    """The version that the provider names in an attribute of a plan or a state."""
    value: Any = resource.attributes.get(attribute) if resource is not None and resource.is_applied else None
    if resource is None or resource.type.is_whole_policy or not isinstance(value, dict):
        return None
    label, document = (known(literal(value.get(name)), str) for name in ("version_id", "policy_document"))
    if label is None or document is None:
        return None
    assert isinstance(resource.props, PolicyVersionProps)
    return Version(label, evolve(resource.props, policy_document=document))


def _rotates(member: _Member) -> bool:
    """Whether a version that it creates may be created in the place of another one."""
    props = member.new.props if member.new else None
    strategy = props.rotate_strategy if isinstance(props, PolicyVersionProps) else None
    return strategy not in (None, RotateStrategy.NONE)
