"""Which resource of the old side has become which of the new one, and what becomes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from attrs import frozen

from constructs_lib.ram.policy_version import PolicyVersionProps
from constructs_lib.resource_type import ResourceKind
from constructs_lib.review import normal_form
from constructs_lib.review.loading.resource import Input, LoadedResource, Side
from constructs_lib.review.report import Action
from constructs_lib.tokens import is_token, known


@frozen(eq=False)
class Pair:
    """A resource on both sides, of which one may be None.

    * `is_recreated`: whether nothing but name and content says that they belong together, so that Terraform
      destroys the one and creates the other.
    """

    old: LoadedResource | None
    new: LoadedResource | None
    action: Action
    is_recreated: bool = False

    def __iter__(self) -> Iterator[LoadedResource | None]:
        yield self.old
        yield self.new

    @property
    def is_changed(self) -> bool:
        """Whether anything becomes of it; what is no longer managed stays as it is."""
        return self.action not in (Action.UNCHANGED, Action.FORGOTTEN)

    @property
    def shown(self) -> LoadedResource:
        """The side that is shown: the new one, if it is there."""
        shown = self.new or self.old
        assert shown is not None
        return shown


def pairs(given: Input) -> list[Pair]:
    """All resources of both sides, by stack and address.

    Paired are those of the same address, then those that a `moved` block names, then those of the same
    construct, then those that describe the same policy: of a RAM policy also in another stack, or with
    another document, where only one comes and one goes.
    """
    if given.old is None:
        paired = [Pair(None, resource, Action.ADDED) for resource in given.new.resources]
    else:
        paired = list(_pair(given.old, given))
    return sorted(paired, key=lambda pair: (pair.shown.stack, pair.shown.address))


def _pair(old: Side, given: Input) -> Iterator[Pair]:
    left = {(resource.stack, resource.address): resource for resource in old.resources}
    origins = {(stack, to): address for (stack, address), to in given.new.moved.items()}
    unpaired: list[LoadedResource] = []
    for resource in given.new.resources:
        key = (resource.stack, resource.address)
        before = left.pop(key, None)
        if before is None and key in origins:
            before = left.pop((resource.stack, origins[key]), None)
        if before is None:
            unpaired.append(resource)
        else:
            is_replaced = key in given.replaced or _is_replaced(before, resource)
            is_updated = key in given.unseen
            yield Pair(before, resource, _action(before, resource, is_replaced, is_updated))
    for key in given.forgotten & left.keys():
        yield Pair(left.pop(key), None, Action.FORGOTTEN)
    matches = _matches(left, unpaired)
    for resource in unpaired:
        match = matches.get(id(resource))
        action = Action.REPLACED if match else Action.ADDED
        yield Pair(match, resource, action, match is not None)
    for resource in left.values():
        yield Pair(resource, None, Action.REMOVED)


def _is_replaced(old: LoadedResource, new: LoadedResource) -> bool:
    """Whether Terraform destroys what is at an address, and creates another there."""
    if old is new:
        return False
    if old.type is not new.type and old.type.name not in new.type.moves_from:
        return True
    names = new.type.forces_new_resource
    changes = ((getattr(side.props, name) or None for side in (old, new)) for name in names)
    # What configuration leaves out stays as it is.
    return any(
        was != now and (now or new.is_applied) and not is_token(was) and not is_token(now)
        for was, now in changes
    )


def _action(old: LoadedResource, new: LoadedResource, is_replaced: bool, is_updated: bool) -> Action:
    if is_replaced:
        return Action.REPLACED
    is_same = old is new or (not is_updated and old.form_text == new.form_text)
    return Action.UNCHANGED if is_same else Action.CHANGED


def _matches(
    left: dict[tuple[str, str], LoadedResource], unpaired: list[LoadedResource]
) -> Mapping[int, LoadedResource]:
    """What each new resource stands for that is gone from its address, by `id`; it is taken out of `left`."""
    matches: dict[int, LoadedResource] = {}
    for identify in (_construct, _content, _whole_policy):
        rest: dict[object, list[tuple[str, str]]] = {}
        for key, resource in left.items():
            rest.setdefault(identify(resource), []).append(key)
        for resource in unpaired:
            keys = rest.get(identify(resource)) if identify(resource) else None
            if keys and id(resource) not in matches:
                matches[id(resource)] = left.pop(keys.pop(0))
    for identify in (_policy_in_stack, _policy):
        gone = Counter(map(identify, left.values()))
        come = Counter(identify(resource) for resource in unpaired if id(resource) not in matches)
        rest = {identify(resource): [key] for key, resource in left.items()}
        for resource in unpaired:
            policy = identify(resource)
            if policy and id(resource) not in matches and gone[policy] == come[policy] == 1:
                matches[id(resource)] = left.pop(rest[policy][0])
    return matches


def _construct(resource: LoadedResource) -> object:
    """The construct that made it, whatever its address and its type are."""
    path = resource.construct_path
    return (resource.stack, path, resource.kind) if path else None


def _content(resource: LoadedResource) -> object:
    """The policy that it describes, whatever the resource is called, and of whichever provider it is."""
    name = known(resource.props.policy_name, str)
    if not name:
        return None
    is_version = resource.kind is ResourceKind.POLICY_VERSION
    content = resource.document_text if is_version else normal_form.text(normal_form.form(resource.props))
    return (resource.stack, resource.kind, name, content, _place(resource))


def _whole_policy(resource: LoadedResource) -> object:
    """The RAM policy that it is as a whole: an account has one of a name."""
    name = known(resource.props.policy_name, str) if resource.type.is_whole_policy else None
    return (resource.stack, name) if name else None


def _policy(resource: LoadedResource) -> object:
    """The policy that it is, or is a version of, where its provider works."""
    name, props = known(resource.props.policy_name, str), resource.props
    # Left out, it is false.
    is_default = isinstance(props, PolicyVersionProps) and (props.set_as_default or False)
    return (resource.kind, name, is_default, _place(resource)) if name else None


def _place(resource: LoadedResource) -> str:
    """The account, and the region, in which its provider works."""
    return normal_form.text(resource.settings.get("provider", {}))


def _policy_in_stack(resource: LoadedResource) -> object:
    policy = _policy(resource)
    return policy and (resource.stack, policy)
