"""A provider for the tests: notes, kept as files in the directory LAB_STORE names, and nothing else.

Started by Terraform as a program. What a note is called decides what goes wrong with it: `fail-…`, `slow-…`.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from constructs_lib.provider.protocol.context import Context, State
from constructs_lib.provider.protocol.diagnostics import Failure
from constructs_lib.provider.protocol.resource import (
    DataSource,
    Function,
    Listed,
    ListResource,
    MoveSource,
    Parameter,
    PlannedChange,
    Provider,
    Resource,
)
from constructs_lib.provider.protocol.schema import Attribute, Block, Nested, Nesting, Schema
from constructs_lib.provider.protocol.server import serve
from constructs_lib.provider.protocol.types import BOOL, DYNAMIC, NUMBER, STRING, list_of, map_of, set_of
from constructs_lib.provider.protocol.values import UNKNOWN

ADDRESS = "example.com/lab/lab"


class Store:
    """Notes as files."""

    def __init__(self, directory: str, token: str | None) -> None:
        self.directory, self.token = Path(directory), token
        self.directory.mkdir(parents=True, exist_ok=True)

    def new_id(self, kind: str) -> str:
        return f"{kind}-{os.urandom(4).hex()}"

    def put(self, id: str, note: dict[str, Any]) -> None:
        (self.directory / id).write_bytes(pickle.dumps(note))

    def get(self, id: str) -> dict[str, Any] | None:
        path = self.directory / id
        found: dict[str, Any] | None = pickle.loads(path.read_bytes()) if path.exists() else None
        return found

    def remove(self, id: str) -> None:
        (self.directory / id).unlink(missing_ok=True)


def same_json(one: str, other: str) -> bool:
    return bool(json.loads(one) == json.loads(other))


NOTE = Schema(
    {
        "id": Attribute(STRING, "The id.", computed=True),
        "name": Attribute(STRING, "The name.", required=True, force_new=True),
        "document": Attribute(STRING, "JSON.", optional=True, same=same_json),
        "title": Attribute(STRING, "The title.", optional=True, default="untitled"),
        "kind": Attribute(STRING, optional=True, computed=True),
        "weight": Attribute(NUMBER, optional=True),
        "hidden": Attribute(BOOL, optional=True, default=False),
        "labels": Attribute(map_of(STRING), optional=True),
        "places": Attribute(set_of(STRING), optional=True),
        "steps": Attribute(list_of(NUMBER), optional=True),
        "extra": Attribute(DYNAMIC, optional=True),
        "secret": Attribute(STRING, optional=True, sensitive=True),
        "old": Attribute(STRING, optional=True, deprecated="Use `title`."),
        "revision": Attribute(NUMBER, computed=True, keep=False),
        "digest": Attribute(STRING, computed=True, follows=("document",)),
        "rules": Block(
            Nesting.LIST,
            {
                "days": Attribute(NUMBER, required=True),
                "label": Attribute(STRING, optional=True, default="none"),
                "document": Attribute(STRING, optional=True, same=same_json),
                "rule_id": Attribute(STRING, computed=True),
                "parts": Block(
                    Nesting.LIST,
                    {
                        "key": Attribute(STRING, required=True),
                        "part_id": Attribute(STRING, computed=True),
                    },
                ),
            },
            max_items=9,
        ),
        "filters": Block(
            Nesting.SET,
            {
                "key": Attribute(STRING, required=True),
                "operator": Attribute(STRING, optional=True, default="EQUAL"),
                "filter_id": Attribute(STRING, computed=True),
            },
        ),
        "place": Block(
            Nesting.SINGLE,
            {
                "region": Attribute(STRING, required=True, force_new=True),
                "zone": Attribute(STRING, optional=True, computed=True),
            },
        ),
    },
    "A **note**.",
    version=2,
    timeouts={"create": 60, "delete": 60},
)


class Note(Resource):
    type_name = "lab_note"
    schema = NOTE
    identity = Schema({"id": Attribute(STRING, "The id.", required=True)}, version=1)

    def validate(self, ctx: Context, config: State) -> None:
        if config["weight"] is not UNKNOWN and config["weight"] is not None and config["weight"] > 1000:
            ctx.warn("Heavy", "Few can lift that.", "weight")
        rules = config["rules"]
        for place, rule in enumerate([] if rules is UNKNOWN else rules):
            if rule["days"] is not UNKNOWN and rule["days"] < 1:
                ctx.error("Too few days", "Allowed: 1 or more.", f"rules[{place}].days")

    def plan(self, ctx: Context, change: PlannedChange) -> None:
        if change.prior and "title" in change.changed and change.planned["title"] == "forbidden":
            raise Failure("Forbidden title", "Take another.", "title")
        if change.prior and change.planned["title"] == "replace me" != change.prior["title"]:
            change.replace("title")
        if change.prior and len(change.planned["rules"]) < len(change.prior["rules"]):
            ctx.warn("Fewer rules", "A rule goes away.", "rules")

    def plan_destroy(self, ctx: Context, prior: State) -> None:
        ctx.warn("Note goes away", prior["name"])

    def create(self, ctx: Context, planned: State) -> State:
        name = planned["name"]
        if name == "fail-early":
            raise Failure("Early failure", "Nothing was made.", "name")
        note = self._completed(ctx, planned, 1)
        ctx.client.put(note["id"], note)
        ctx.private["made_by"] = "create"
        if name.startswith("fail-unsaved"):
            raise RuntimeError(f"lost its head over {planned['secret']}")
        ctx.save({**planned, "id": note["id"]})
        if name.startswith("fail"):
            raise RuntimeError(f"lost its head over {planned['secret']}")
        if name.startswith("slow"):
            try:
                while True:
                    ctx.sleep(0.1)
            finally:
                # What it still has to tidy up, once it may not go on.
                time.sleep(0.2)
        return note

    def read(self, ctx: Context, state: State) -> State | None:
        if state["name"] == "unreadable":
            raise Failure("Cannot read", "The store is closed.")
        found: State | None = ctx.client.get(state["id"])
        return found

    def update(self, ctx: Context, prior: State, planned: State) -> State:
        assert ctx.private == {"made_by": "create"}
        if planned["title"] == "fail-update":
            raise Failure("Update failed", "Nothing was changed.", "title")
        note = self._completed(ctx, planned, prior["revision"] + 1)
        ctx.client.put(note["id"], note)
        return note

    def delete(self, ctx: Context, state: State) -> None:
        if state["title"] == "undeletable":
            raise Failure("Cannot delete", "It is nailed to the wall.")
        ctx.client.remove(state["id"])

    def import_(self, ctx: Context, id: str) -> State:
        if ctx.client.get(id) is None:
            raise Failure(f"There is no note {id}")
        ctx.private["made_by"] = "create"
        return {"id": id}

    def import_identity(self, ctx: Context, identity: State) -> State:
        return self.import_(ctx, identity["id"])

    def identify(self, ctx: Context, state: State, known: State | None) -> State | None:
        return None if state["id"] is UNKNOWN else {"id": state["id"]}

    def upgrade(self, ctx: Context, version: int, state: State) -> State:
        return {**state, "title": state.pop("headline", None)} if version < 2 else state

    def move(self, ctx: Context, source: MoveSource) -> State | None:
        if source.type_name != "terraform_data":
            return None
        return {"id": source.state["output"]["value"], "name": source.state["input"]["value"]}

    def _completed(self, ctx: Context, planned: State, revision: int) -> State:
        """The note with everything that the store gives; texts come back as the store writes them."""
        client: Store = ctx.client
        note = {**planned, "revision": revision}
        fresh = {"id": "note", "kind": "kind", "digest": "digest"}
        for name, kind in fresh.items():
            if note[name] is UNKNOWN:
                note[name] = client.new_id(kind)
        if note["document"]:
            note["document"] = json.dumps(json.loads(note["document"]), separators=(",", ":"))
        for rule in note["rules"]:
            _give(rule, "rule_id", client.new_id("rule"))
            for part in rule["parts"]:
                _give(part, "part_id", client.new_id("part"))
        for each in note["filters"]:
            _give(each, "filter_id", f"filter-{each['key']}")
        if note["place"]:
            _give(note["place"], "zone", "a")
        return note


def _give(element: State, name: str, value: str) -> None:
    if element[name] is UNKNOWN:
        element[name] = value


class Notes(DataSource):
    type_name = "lab_notes"
    schema = Schema(
        {
            "name": Attribute(STRING, optional=True),
            "limit": Attribute(NUMBER, optional=True, default=10),
            "notes": Attribute(
                Nested(
                    Nesting.LIST,
                    {"id": Attribute(STRING, computed=True), "name": Attribute(STRING, computed=True)},
                ),
                computed=True,
            ),
        }
    )

    def validate(self, ctx: Context, config: State) -> None:
        if config["name"] == "":
            ctx.error("Empty name", path="name")

    def read(self, ctx: Context, config: State) -> State:
        ids = sorted(path.name for path in ctx.client.directory.iterdir())
        notes = [{"id": id, "name": ctx.client.get(id)["name"]} for id in ids]
        return {"notes": [note for note in notes if config["name"] in (None, note["name"])]}


class ListNotes(ListResource):
    type_name = "lab_note"
    schema = Schema({"name": Attribute(STRING, "Only those of this name.", optional=True)})

    def validate(self, ctx: Context, config: State) -> None:
        if config["name"] == "":
            ctx.error("Empty name", path="name")

    def list(self, ctx: Context, config: State, *, is_complete: bool) -> Iterator[Listed]:
        for path in sorted(ctx.client.directory.iterdir()):
            note = ctx.client.get(path.name)
            if config["name"] in (None, note["name"]):
                yield Listed(note if is_complete else {"id": path.name}, note["name"])


class Lab(Provider):
    name = "lab"
    schema = Schema(
        {
            "store": Attribute(STRING, "A directory.", optional=True),
            "token": Attribute(STRING, "A secret.", optional=True, sensitive=True),
        },
        "Notes for tests.",
    )

    def resources(self) -> list[Resource]:
        return [Note()]

    def data_sources(self) -> list[DataSource]:
        return [Notes()]

    def list_resources(self) -> list[ListResource]:
        return [ListNotes()]

    def functions(self) -> list[Function]:
        return [
            Function("shout", "The text in capitals.", (Parameter("text", "Any text."),), STRING, str.upper)
        ]

    def validate(self, ctx: Context, config: State) -> None:
        if config["token"] == "wrong":
            ctx.error("Wrong token", "Take the right one.", "token")

    def configure(self, ctx: Context, config: State) -> Store:
        print("this is no handshake")
        return Store(config["store"] or os.environ["LAB_STORE"], config["token"])

    def explain(self, error: Exception) -> Failure | None:
        return Failure("The disk is full", str(error)) if isinstance(error, BlockingIOError) else None


if __name__ == "__main__":
    sys.exit(serve(Lab, address=ADDRESS, grace=float(os.environ.get("LAB_GRACE", "20"))))
