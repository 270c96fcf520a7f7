"""The app in its folder: a module for each kind, and a ledger of what was adopted."""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from attrs import define, field

from constructs_lib.adopt.estate import AdoptError, Estate, EstateKind
from constructs_lib.adopt.module import IMPORTED_FROM, LAYOUT, AdoptedModule, parse_python, rank, read_text
from constructs_lib.adopt.naming import Names
from constructs_lib.adopt.saving import read_bytes, write_all
from constructs_lib.adopt.syntax import (
    calls_by_target,
    construct_id_of,
    imports_in,
    made_in,
    names_of_policies,
)
from constructs_lib.adopt.writing import VARIABLES, Statements

PACKAGE, LEDGER = "estate", "adopted.json"
PROVIDERS = {"alipolicy": "AlipolicyProvider", "alicloud": "AlicloudProvider"}


@define
class AdoptedApp:
    """The app in a folder, which may not be there yet. AdoptError: it is no app that can be added to.

    * `adopted`: what earlier runs have adopted, by kind. `modules`: their texts. `before`: all files of it as
      they were read.
    """

    folder: Path
    target: str
    modules: dict[EstateKind, AdoptedModule]
    adopted: dict[EstateKind, set[str]]
    others: dict[Path, str] = field(factory=dict)
    region: str = ""
    account: str = ""
    before: dict[Path, bytes] = field(factory=dict)
    is_new: bool = True
    _added: set[EstateKind] = field(factory=set)

    @classmethod
    def read(cls, folder: Path, target: str) -> AdoptedApp:
        ledger = folder / LEDGER
        if not ledger.exists():
            if (folder / PACKAGE).exists() or (folder / "cdktf.json").exists():
                raise AdoptError(
                    f"{folder} holds another app, or what an interrupted run has left: it has no {LEDGER}. "
                    "Give --output a folder of its own, or empty this one."
                )
            modules = {kind: AdoptedModule.new(kind) for kind in EstateKind}
            return cls(folder, target, modules, {kind: set() for kind in EstateKind})
        package = folder / PACKAGE
        paths = sorted(package.rglob("*.py"))
        before = {path: read_bytes(path) for path in (ledger, *paths)}
        theirs, region, account, adopted = _read_ledger(ledger)
        if theirs != target:
            raise AdoptError(f"{folder} was written for --target {theirs}: give that, or another --output.")
        modules = {kind: AdoptedModule.read(kind, package) for kind in EstateKind}
        others = {path: read_text(path) for path in paths}
        return cls(folder, target, modules, adopted, others, region, account, before, is_new=False)

    def find_known(self) -> set[tuple[EstateKind | None, str]]:
        """What the app has already, by its code and by its ledger; without a kind where the code hides it."""
        return {*self.find_imported(), *((kind, id_) for kind, ids in self.adopted.items() for id_ in ids)}

    def find_imported(self) -> set[tuple[EstateKind | None, str]]:
        """What the code imports."""
        found = (imports_in(parse_python(path, text)) for path, text in self.others.items())
        return {(kind, self._own_id(kind, id_)) for each in found for kind, id_, _ in each}

    def count_made(self) -> Counter[tuple[EstateKind, str]]:
        """How many objects the app makes, and does not import, by kind and by what people call them."""
        trees = [parse_python(path, text) for path, text in self.others.items()]
        policies: dict[str, str] = {}
        for tree in trees:
            policies |= names_of_policies(tree)
        return Counter(made for tree in trees for made in made_in(tree, policies, self.target))

    def _own_id(self, kind: EstateKind | None, id_: str) -> str:
        """The id by which our provider imports the same."""
        parts = id_.split(":")
        if self.target == "alicloud" and len(parts) == 4 and kind in (EstateKind.ATTACHMENT, None):
            return ":".join((parts[0], parts[3], parts[2], parts[1]))
        return id_

    def find_places(self) -> dict[tuple[EstateKind, str], tuple[str, str]]:
        """By object, the attribute of its module that holds it, and the id of its construct."""
        places = {}
        for kind, module in self.modules.items():
            calls = calls_by_target(module.tree)
            for found, id_, target in imports_in(module.tree):
                if found in (kind, None) and target.startswith("self."):
                    places[kind, id_] = target.removeprefix("self."), construct_id_of(calls.get(target))
        return places

    def find_names(self) -> tuple[dict[EstateKind, Names], Names]:
        """The names that each module uses, and all that may be ids of constructs."""
        trees = [module.tree for module in self.modules.values()]
        trees += [parse_python(path, text) for path, text in self.others.items()]
        ids = {
            node.value
            for tree in trees
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        ids |= {self.target}  # of the provider
        return {kind: Names(module.names) for kind, module in self.modules.items()}, Names(ids)

    def add(self, statements: Mapping[EstateKind, Sequence[Statements]]) -> None:
        """Write statements at the end of their modules. AdoptError: a module has no place for them any more,
        or nothing makes what is in it."""
        for kind, of_module in statements.items():
            if of_module:
                self._check_use(kind)
                self.modules[kind].add(of_module)
                self._added.add(kind)

    def _check_use(self, kind: EstateKind) -> None:
        name = LAYOUT[kind].class_name
        if not self.is_new and not any(
            name in _used_names(parse_python(*each)) for each in self.others.items()
        ):
            raise AdoptError(
                f"nothing in {self.folder / PACKAGE} makes {name}(…) any more, so that no stack would have "
                "what is new: put it back into stack.py."
            )

    def choose_place(self, estate: Estate) -> tuple[str, str]:
        """The region and the account of the stack, where its provider works; what is not known is empty.

        AdoptError: what was found is elsewhere; its ids mean something else there.
        """
        if estate.region and not self.is_new:
            region, account = self.region or "no region in particular", self.account
            if estate.region != self.region:
                raise AdoptError(self._is_for(region, estate.region))
            if account and estate.account != account:
                raise AdoptError(
                    self._is_for(f"account {account}", estate.account or "one that STS does not name")
                )
        return estate.region or self.region, estate.account or self.account

    def _is_for(self, place: str, other: str) -> str:
        return f"{self.folder} is for {place}, and this is {other}: give another --output."

    def save(self, adopted: Mapping[EstateKind, set[str]], region: str, account: str) -> None:
        """Write what is new: all of it, or, where a file cannot be written, none.

        `adopted`: what is there, and what a person imports: the import may be taken out once it is applied.
        """
        package = self.folder / PACKAGE
        kinds = EstateKind if self.is_new else self._added
        files = {package / f"{LAYOUT[kind].file}.py": self.modules[kind].text for kind in kinds}
        if self.is_new:
            files |= {package / name: text for name, text in _frame(self.target, region).items()}
            settings = {"language": "python", "app": f"python -m {PACKAGE}", "output": "cdktf.out"}
            files[self.folder / "cdktf.json"] = json.dumps(settings, indent=2) + "\n"
        all_ids = {kind: self.adopted[kind] | adopted[kind] for kind in EstateKind}
        if self.is_new or (all_ids, account) != (self.adopted, self.account):
            listed = {str(kind): sorted(ids) for kind, ids in all_ids.items() if ids}
            ledger = {"target": self.target, "region": region, "account": account, "adopted": listed}
            files[self.folder / LEDGER] = json.dumps(ledger, indent=2) + "\n"
        if files:
            write_all(self.folder, files, self.before)


def _used_names(tree: ast.Module) -> Iterator[str]:
    """The names that a module uses, but for those in its annotations."""
    annotations = [
        each.annotation for each in ast.walk(tree) if isinstance(each, ast.arg) and each.annotation
    ]
    left_out = {node for annotation in annotations for node in ast.walk(annotation)}
    for node in ast.walk(tree):
        if node not in left_out and isinstance(node, (ast.Name, ast.Attribute)):
            yield node.id if isinstance(node, ast.Name) else node.attr
        elif isinstance(node, ast.alias) and node.asname:  # it is used by another name
            yield node.name


# ------------------------------------------------------------ the ledger


def _read_ledger(path: Path) -> tuple[str, str, str, dict[EstateKind, set[str]]]:
    try:
        ledger = json.loads(read_text(path))
        target, region, account = (_string(ledger[name]) for name in ("target", "region", "account"))
        listed = {EstateKind(kind): set(map(_string, _list(ids))) for kind, ids in ledger["adopted"].items()}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise AdoptError(
            f"{path} is not what `alipolicy adopt` writes: restore it, or give another --output."
        ) from None
    return target, region, account, {kind: listed.get(kind, set()) for kind in EstateKind}


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError
    return value


# ------------------------------------------------------------ the frame of a new app


def _frame(target: str, region: str) -> dict[str, str]:
    """The files that a run writes once, and that are the user's from then on."""
    layouts = list(LAYOUT.values())
    imports = "".join(
        f"from .{each.file} import {each.class_name}\n"
        for each in sorted(layouts, key=lambda each: each.file)
    )
    provider = PROVIDERS[target]
    place = f', region="{region}"' if region else ""
    made = []
    for kind, layout in LAYOUT.items():
        given = "".join(f", {LAYOUT[need].file}" for need in layout.needs)
        kept = f"{layout.file} = " if kind in VARIABLES else ""
        made.append(f"        {kept}{layout.class_name}(self{given})\n")
    names = ", ".join(sorted([provider, "cdktf", "constructs"], key=lambda name: (rank(name), name)))
    stack = (
        '"""The stack of all that was adopted."""\n\n'
        f"from {IMPORTED_FROM} import {names}\n\n{imports}\n\n"
        "class EstateStack(cdktf.TerraformStack):\n"
        '    """What exists, imported as it is."""\n\n'
        "    def __init__(self, scope: constructs.Construct, id_: str) -> None:\n"
        "        super().__init__(scope, id_)\n"
        f'        {provider}(self, "{target}"{place})\n' + "".join(made)
    )
    main = (
        '"""The app: `alipolicy synth` and `cdktf synth` run it."""\n\n'
        f"from {IMPORTED_FROM} import cdktf\n\nfrom .stack import EstateStack\n\n"
        "app = cdktf.App()\n"
        f'EstateStack(app, "{PACKAGE}")\n'
        "app.synth()\n"
    )
    return {
        "__init__.py": '"""What exists in the account, as code."""\n',
        "__main__.py": main,
        "stack.py": stack,
    }
