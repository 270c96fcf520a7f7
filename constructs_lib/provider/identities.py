"""What tells an object from all others: the parts of its id, the account and the region that it is in."""

from __future__ import annotations

from constructs_lib.provider.operations import cloud_of
from constructs_lib.provider.protocol.context import Context, State
from constructs_lib.provider.protocol.diagnostics import Failure
from constructs_lib.provider.protocol.resource import Resource
from constructs_lib.provider.protocol.schema import Attribute, Schema, SchemaBody, optional, required

_PLACE = {
    "account_id": optional("The account that it is in. Left out: that of the provider's credentials."),
    "region": optional("The region that it is in. Left out: that of the provider."),
}


def in_account(**parts: str) -> Schema:
    """The identity of what RAM has. `parts`: those of its id, in their order, each with what it is."""
    return Schema({**_required(parts), "account_id": _PLACE["account_id"]})


def in_region(**parts: str) -> Schema:
    """The identity of what Cloud Backup has."""
    return Schema({**_required(parts), **_PLACE})


def _required(parts: dict[str, str]) -> SchemaBody:
    return {name: required(description) for name, description in parts.items()}


class IdentifiedResource(Resource):
    """A resource whose id is what its identity requires, separated by colons."""

    identity: Schema

    def identify(self, ctx: Context, state: State, known: State | None) -> State | None:
        """It keeps the account and the region that it was stored with, and gets what is missing.

        Terraform moves a resource before it configures the provider.
        """
        if not isinstance(id := state.get("id"), str):
            return None
        stored = {name: value for name, value in (known or {}).items() if value is not None}
        place = self._place(ctx) if ctx.client and len(stored) < len(self.identity.body) else {}
        return {**dict.fromkeys(self.identity.body), **place, **stored, **self._split(id)}

    def import_identity(self, ctx: Context, identity: State) -> State:
        here = self._place(ctx)
        for name, place in here.items():
            if place and identity[name] not in (None, place):
                raise Failure(
                    f"The {self.type_name} is elsewhere",
                    f"Its {name} is {identity[name]}, that of the provider {place}. Import it with a "
                    "provider that is configured for it.",
                )
        parts = {name: identity[name] for name in self._parts()}
        state = self.import_(ctx, ":".join(parts.values()))
        if self._split(state["id"]) != parts:
            raise Failure(
                "The identity is none of an object",
                f"{', '.join(parts)} hold no colon and no blanks around them.",
            )
        return state

    def _place(self, ctx: Context) -> State:
        cloud = cloud_of(ctx)
        place = {"account_id": cloud.account_id() or None, "region": cloud.region or None}
        return {name: value for name, value in place.items() if name in self.identity.body}

    def _parts(self) -> list[str]:
        body = self.identity.body.items()
        return [name for name, node in body if isinstance(node, Attribute) and node.required]

    def _split(self, id: str) -> State:
        names = self._parts()
        return dict(zip(names, id.split(":", len(names) - 1), strict=True))
