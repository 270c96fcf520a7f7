"""Which version of a policy is the default, before and after a change, and which others there are.

A plan knows all versions of a policy that an `alipolicy_policy_versions` data source has read; otherwise only
those are known that are resources, by the name of their policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import evolve, field, frozen

from constructs_lib.ram.policy_version import PolicyVersionProps
from constructs_lib.review.loading.resource import LoadedResource, Side
from constructs_lib.review.pairing import Pair
from constructs_lib.tokens import is_token, known

# A stack, and the name of a policy in it: another stack may be of another account.
Key = tuple[str, str]


@frozen(eq=False)
class Version:
    """A version of a policy that is there, before the change or after.

    * `label`: its id, such as `v3`; where that is unknown, what it is called instead.
    * `props`: as of the old side; `set_as_default` tells whether the version is the default there.
    * `resource`: the one it is managed by, if any.
    """

    label: str
    props: PolicyVersionProps = field(repr=False)
    resource: LoadedResource | None = field(default=None, repr=False)


@frozen(eq=False)
class VersionsOfPolicy:
    """The versions of one policy.

    * `before`, `after`: the default version; None where that is unknown, or there is none.
    * `non_default`: the versions from before that stay, but for the one that is the default afterwards.
    * `reported_at`: the resource whose findings tell of them: that of the default version afterwards, if it
      is one.
    """

    before: Version | None = None
    after: Version | None = None
    non_default: tuple[Version, ...] = ()
    reported_at: Pair | None = None

    def other_default(self, pair: Pair) -> Version | None:
        """The default version before, if it is known, and is not that of this resource."""
        is_its_own = self.before is not None and pair.old is not None and self.before.resource is pair.old
        return None if is_its_own else self.before


@frozen
class KnownPolicies:
    """The versions of all policies that are known."""

    _policies: Mapping[Key, VersionsOfPolicy]

    @classmethod
    def of(cls, pairs: Iterable[Pair], old: Side | None) -> KnownPolicies:
        resources: dict[Key, list[Pair]] = {}
        for pair in pairs:
            if key := _key(pair):
                resources.setdefault(key, []).append(pair)
        listed: dict[Key, list[Version]] = {}
        for stack, version_id, props in old.versions if old else ():
            if name := known(props.policy_name, str):
                listed.setdefault((stack, name), []).append(Version(version_id, props))
        return cls({key: _of_policy(group, listed.get(key, ())) for key, group in resources.items()})

    def versions(self, pair: Pair) -> VersionsOfPolicy:
        """The versions of the policy that a resource is a version of."""
        key = _key(pair)
        return self._policies[key] if key else VersionsOfPolicy()


def _key(pair: Pair) -> Key | None:
    """The policy that a resource is a version of; None while its name is unknown, or where it changes."""
    names = {
        known(side.props.policy_name, str)
        for side in pair
        if side is not None and isinstance(side.props, PolicyVersionProps)
    }
    name = names.pop() if len(names) == 1 else None
    return (pair.shown.stack, name) if name else None


def _of_policy(group: Sequence[Pair], listed: Sequence[Version]) -> VersionsOfPolicy:
    versions = _before(listed, [pair.old for pair in group if pair.old])
    defaults = [version for version in versions if version.props.set_as_default is True]
    before = defaults[0] if len(defaults) == 1 else None
    removed = [pair.old for pair in group if pair.old and not pair.new]
    if any(resource.type.is_whole_policy for resource in removed):
        return VersionsOfPolicy(before)
    left = [version for version in versions if version.resource is None or version.resource not in removed]
    after = _after(group, versions, before if before in left else None)
    non_default = tuple(version for version in left if version is not after)
    of_after = [pair for pair in group if after and after.resource and after.resource in pair]
    return VersionsOfPolicy(before, after, non_default, (of_after or list(group))[0])


def _before(listed: Sequence[Version], resources: Iterable[LoadedResource]) -> list[Version]:
    """The versions of the old side: those that a data source lists, and those that are resources."""
    versions = {version.label: version for version in listed}
    for resource in resources:
        version = _of_resource(resource)
        # What the cloud says goes before what the state remembers.
        listed_version = versions.get(version.label)
        versions[version.label] = evolve(listed_version, resource=resource) if listed_version else version
    return list(versions.values())


def _of_resource(resource: LoadedResource) -> Version:
    assert isinstance(resource.props, PolicyVersionProps)
    label = resource.body.get("default_version" if resource.type.is_whole_policy else "version_id")
    if not (resource.is_applied and isinstance(label, str) and label):
        label = f"the old one of {resource.address}"
    return Version(label, resource.props, resource)


def _after(group: Sequence[Pair], versions: Sequence[Version], before: Version | None) -> Version | None:
    """The default version afterwards; `before` is the one until then, if it is known and stays."""
    of_old = {id(version.resource): version for version in versions if version.resource}
    claims: list[Version] = []
    for old, new in group:
        if new is None or not isinstance(new.props, PolicyVersionProps):
            continue
        same = of_old.get(id(old)) if old and not is_new_document(old, new) else None
        value = new.props.set_as_default
        if is_token(value):
            return None
        if value is True:
            claims.append(same or Version(new.address, new.props, new))
        elif same is not None and same is before:
            before = None  # it is the default no longer, and which one follows is not known
    return before if not claims else claims[0] if len(claims) == 1 else None


def is_new_document(old: LoadedResource | None, new: LoadedResource | None) -> bool:
    """Whether both sides are different documents, however they are spelt."""
    texts = [None if resource is None else resource.document_text for resource in (old, new)]
    return texts[0] != texts[1]
