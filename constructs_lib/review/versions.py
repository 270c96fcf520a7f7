"""Which version of a policy is in force, before and after a change, and which others stay within reach.

A plan knows all versions of a policy that an `alipolicy_policy_versions` data source has read; else known are
those that are resources, by the name of their policy.
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
    * `props`: as of the old side; `set_as_default` tells whether the version is in force there.
    * `found`: its resource, where it is one.
    """

    label: str
    props: PolicyVersionProps = field(repr=False)
    found: LoadedResource | None = field(default=None, repr=False)


@frozen(eq=False)
class Standing:
    """The versions of one policy.

    * `before`, `after`: the version in force; None where that is unknown, or there is none.
    * `kept`: the versions from before that stay, but for the one that is in force afterwards.
    * `told_at`: the resource at which this is told: that of the version in force afterwards, if it is one.
    """

    before: Version | None = None
    after: Version | None = None
    kept: tuple[Version, ...] = ()
    told_at: Pair | None = None

    def other_in_force(self, pair: Pair) -> Version | None:
        """The version in force before, if it is known, and is not that of this resource."""
        is_its_own = self.before is not None and pair.old is not None and self.before.found is pair.old
        return None if is_its_own else self.before


@frozen
class Standings:
    """The versions of all policies that are known."""

    _known: Mapping[Key, Standing]

    @classmethod
    def of(cls, pairs: Iterable[Pair], old: Side | None) -> Standings:
        groups: dict[Key, list[Pair]] = {}
        for pair in pairs:
            if key := _key(pair):
                groups.setdefault(key, []).append(pair)
        told: dict[Key, list[Version]] = {}
        for stack, version_id, props in old.versions if old else ():
            if name := known(props.policy_name, str):
                told.setdefault((stack, name), []).append(Version(version_id, props))
        return cls({key: _standing(group, told.get(key, ())) for key, group in groups.items()})

    def standing(self, pair: Pair) -> Standing:
        """The versions of the policy that a resource is a version of."""
        key = _key(pair)
        return self._known[key] if key else Standing()


def _key(pair: Pair) -> Key | None:
    """The policy that a resource is a version of; None while its name is unknown, or where it changes."""
    names = {
        known(one.props.policy_name, str)
        for one in (pair.old, pair.new)
        if one is not None and isinstance(one.props, PolicyVersionProps)
    }
    name = names.pop() if len(names) == 1 else None
    return (pair.shown.stack, name) if name else None


def _standing(group: Sequence[Pair], told: Sequence[Version]) -> Standing:
    versions = _before(told, [pair.old for pair in group if pair.old])
    default = [one for one in versions if one.props.set_as_default is True]
    before = default[0] if len(default) == 1 else None
    gone = [pair.old for pair in group if pair.old and not pair.new]
    if any(one.type.is_whole_policy for one in gone):
        return Standing(before)
    left = [one for one in versions if one.found is None or one.found not in gone]
    after = _after(group, versions, before if before in left else None)
    kept = tuple(one for one in left if one is not after)
    of_after = [pair for pair in group if after and after.found and after.found in pair]
    return Standing(before, after, kept, (of_after or list(group))[0])


def _before(told: Sequence[Version], resources: Iterable[LoadedResource]) -> list[Version]:
    """The versions of the old side: those that a data source has read, and those that are resources."""
    versions = {one.label: one for one in told}
    for found in resources:
        one = _of_resource(found)
        # What the cloud says goes before what the state remembers.
        versions[one.label] = evolve(versions[one.label], found=found) if one.label in versions else one
    return list(versions.values())


def _of_resource(found: LoadedResource) -> Version:
    assert isinstance(found.props, PolicyVersionProps)
    version_id = found.body.get("default_version" if found.type.is_whole_policy else "version_id")
    is_known = found.is_applied and isinstance(version_id, str) and version_id
    return Version(str(version_id) if is_known else f"the old one of {found.address}", found.props, found)


def _after(group: Sequence[Pair], versions: Sequence[Version], before: Version | None) -> Version | None:
    """The version in force afterwards; `before` is the one until then, if it is known and stays."""
    of_old = {id(one.found): one for one in versions if one.found}
    claims: list[Version] = []
    for old, new in group:
        if new is None or not isinstance(new.props, PolicyVersionProps):
            continue
        same = of_old.get(id(old)) if old and not is_new_text(old, new) else None
        value = new.props.set_as_default
        if is_token(value):
            return None
        if value is True:
            claims.append(same or Version(new.address, new.props, new))
        elif same is not None and same is before:
            before = None  # it is put out of force, and who follows is not known
    return before if not claims else claims[0] if len(claims) == 1 else None


def is_new_text(old: LoadedResource | None, new: LoadedResource | None) -> bool:
    """Whether both sides are different documents, however they are spelt."""
    texts = [None if one is None else one.document_text for one in (old, new)]
    return texts[0] != texts[1]
