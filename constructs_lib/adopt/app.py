"""The app in its folder: a module for each kind, read by its syntax alone, and added to."""

from __future__ import annotations

import ast
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from secrets import token_hex

from attrs import define, field, frozen

from constructs_lib import __all__ as PUBLIC_NAMES
from constructs_lib.adopt.code import WIDTH, Atom, Code, Shared, flat, lines, replaced, shared_in
from constructs_lib.adopt.estate import AdoptError, Estate, EstateKind
from constructs_lib.adopt.naming import Names
from constructs_lib.adopt.syntax import calls_by_target, construct_id_of, imports_in
from constructs_lib.adopt.writing import VARIABLES, Statements

PACKAGE, LEDGER = "estate", "adopted.json"
_IMPORTED_FROM = "constructs_lib"
_INDENT = 8


@frozen
class ModuleLayout:
    """A module: its file, its class, what it holds, and which modules it gets."""

    file: str
    class_name: str
    title: str
    needs: tuple[EstateKind, ...] = ()


LAYOUT = {
    EstateKind.VAULT: ModuleLayout("vaults", "Vaults", "backup vaults"),
    EstateKind.BACKUP_POLICY: ModuleLayout(
        "backup_policies", "BackupPolicies", "backup policies", (EstateKind.VAULT,)
    ),
    EstateKind.BINDING: ModuleLayout(
        "bindings", "Bindings", "sources that the policies back up", (EstateKind.BACKUP_POLICY,)
    ),
    EstateKind.POLICY: ModuleLayout("policies", "Policies", "permission policies"),
    EstateKind.VERSION: ModuleLayout(
        "policy_versions", "PolicyVersions", "versions beside the default ones", (EstateKind.POLICY,)
    ),
    EstateKind.ATTACHMENT: ModuleLayout(
        "policy_attachments",
        "PolicyAttachments",
        "users, groups and roles that have a policy",
        (EstateKind.POLICY,),
    ),
}
PROVIDERS = {"alipolicy": "AlipolicyProvider", "alicloud": "AlicloudProvider"}


@define
class AdoptedApp:
    """The app in a folder, which may not be there yet. AdoptError: it is no app that can be added to.

    * `adopted`: what earlier runs have adopted, by kind. `modules`: their texts.
    """

    folder: Path
    target: str
    modules: dict[EstateKind, AdoptedModule]
    adopted: dict[EstateKind, set[str]]
    others: dict[Path, str] = field(factory=dict)
    region: str = ""
    account: str = ""
    is_new: bool = True

    @classmethod
    def read(cls, folder: Path, target: str) -> AdoptedApp:
        ledger = folder / LEDGER
        if not ledger.exists():
            if (folder / PACKAGE).exists() or (folder / "cdktf.json").exists():
                raise AdoptError(
                    f"{folder} holds another app: it has no {LEDGER}. Give --output a folder of its own."
                )
            modules = {kind: AdoptedModule.new(kind) for kind in EstateKind}
            return cls(folder, target, modules, {kind: set() for kind in EstateKind})
        before, region, account, adopted = _read_ledger(ledger)
        if before != target:
            raise AdoptError(f"{folder} was written for --target {before}: give that, or another --output.")
        package = folder / PACKAGE
        modules = {kind: AdoptedModule.read(kind, package) for kind in EstateKind}
        app = cls(folder, target, modules, adopted, region=region, account=account, is_new=False)
        for path in sorted(package.rglob("*.py")):
            app.others[path] = _read_text(path)
        return app

    def find_known(self) -> set[tuple[EstateKind | None, str]]:
        """What the app has already, by its code and by its ledger; without a kind where the code hides it."""
        known: set[tuple[EstateKind | None, str]] = {
            (kind, id_) for kind, ids in self.adopted.items() for id_ in ids
        }
        for path, text in self.others.items():
            for kind, id_, _ in imports_in(_parse(path, text)):
                known.add((kind, self._own_id(kind, id_)))
        return known

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
            for found, id_, target in imports_in(module.tree):
                if found in (kind, None) and target.startswith("self."):
                    call = module.find_call(target)
                    places[kind, id_] = target.removeprefix("self."), construct_id_of(call)
        return places

    def find_names(self) -> tuple[dict[EstateKind, Names], Names]:
        """The names that each module uses, and all that may be ids of constructs."""
        trees = [module.tree for module in self.modules.values()]
        trees += [_parse(path, text) for path, text in self.others.items()]
        ids = {
            node.value
            for tree in trees
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        ids |= {self.target}  # of the provider
        return {kind: Names(module.names) for kind, module in self.modules.items()}, Names(ids)

    def add(self, statements: Mapping[EstateKind, Sequence[Statements]]) -> None:
        for kind, of_module in statements.items():
            if of_module:
                self.modules[kind].add(of_module)

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
        """Write what is new: all of it, or, where a file cannot be written, none."""
        package = self.folder / PACKAGE
        files = {package / f"{LAYOUT[kind].file}.py": module.text for kind, module in self.modules.items()}
        if self.is_new:
            files |= {package / name: text for name, text in _frame(self.target, region).items()}
            settings = {"language": "python", "app": f"python -m {PACKAGE}", "output": "cdktf.out"}
            files[self.folder / "cdktf.json"] = json.dumps(settings, indent=2) + "\n"
        all_ids = {kind: sorted(self.adopted[kind] | adopted.get(kind, set())) for kind in EstateKind}
        listed = {str(kind): ids for kind, ids in all_ids.items() if ids}
        ledger = {"target": self.target, "region": region, "account": account, "adopted": listed}
        files[self.folder / LEDGER] = json.dumps(ledger, indent=2) + "\n"
        changed = {path: text for path, text in files.items() if self._has_changed(path, text)}
        for path, text in changed.items():
            if path.suffix == ".py":
                compile(text, str(path), "exec", dont_inherit=True)
        _write_all(changed)

    def _has_changed(self, path: Path, text: str) -> bool:
        return self.is_new or not path.exists() or _read_text(path) != text


# ------------------------------------------------------------ one module


@define
class AdoptedModule:
    """The text of a module, and what of it is needed to add to it."""

    kind: EstateKind
    text: str
    path: Path

    @classmethod
    def new(cls, kind: EstateKind) -> AdoptedModule:
        layout = LAYOUT[kind]
        needed = [LAYOUT[need] for need in layout.needs]
        imports = "".join(f"from .{each.file} import {each.class_name}\n" for each in needed)
        parameters = "".join(f", {each.file}: {each.class_name}" for each in needed)
        return cls(
            kind,
            f'"""The {layout.title}."""\n\n'
            f"from {_IMPORTED_FROM} import cdktf\n{chr(10) + imports if imports else ''}\n\n"
            f"class {layout.class_name}:\n"
            f'    """The {layout.title}, as they were found."""\n\n'
            f"{_signature(parameters)}\n"
            f'        """Each of them is imported; a run of `alipolicy adopt` adds what is new."""\n',
            Path(f"{layout.file}.py"),
        )

    @classmethod
    def read(cls, kind: EstateKind, package: Path) -> AdoptedModule:
        path = package / f"{LAYOUT[kind].file}.py"
        if not path.exists():
            return cls.new(kind)
        return cls(kind, _read_text(path), path)

    @property
    def tree(self) -> ast.Module:
        return _parse(self.path, self.text)

    @property
    def names(self) -> set[str]:
        """All names that the module uses."""
        nodes = list(ast.walk(self.tree))
        named = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        return named | {node.id for node in nodes if isinstance(node, ast.Name)}

    @property
    def known_modules(self) -> frozenset[str]:
        """The variables that stand for other modules."""
        constructor = self._constructor
        taken = {each.arg for each in (*constructor.args.args, *constructor.args.kwonlyargs)}
        return frozenset(taken & {variable for variable, _ in VARIABLES.values()})

    @property
    def _class(self) -> ast.ClassDef:
        name = LAYOUT[self.kind].class_name
        for node in self.tree.body:
            if isinstance(node, ast.ClassDef) and node.name == name:
                return node
        raise AdoptError(
            f"{self.path} has no class {name} any more, to which new ones belong: put one there."
        )

    @property
    def _constructor(self) -> ast.FunctionDef:
        for node in self._class.body:
            if not isinstance(node, ast.FunctionDef):
                continue
            if node.name == "__init__" and "stack" in [each.arg for each in node.args.args]:
                return node
        name = LAYOUT[self.kind].class_name
        raise AdoptError(f"{self.path}: {name} has no __init__(self, stack, …) any more: put one there.")

    def find_call(self, target: str) -> ast.Call | None:
        """The call whose result an attribute holds."""
        return calls_by_target(self.tree).get(target)

    def add(self, statements: Sequence[Statements]) -> None:
        """Write the statements at the end of the constructor, with the constants and imports they need."""
        constants = self._constants([each.code for each in statements if each.code])
        body: list[str] = []
        for each in statements:
            body += self._lines_of(each, constants)
        before = self.text.splitlines(keepends=True)
        end = self._constructor.end_lineno or len(before)
        before[end - 1] = before[end - 1].rstrip("\n") + "\n"
        before[end:end] = [f"{line}\n" if line else "\n" for line in body]
        self.text = "".join(before)
        self._insert_constants([each for each in constants.values() if each.is_new])
        self._insert_imports()

    def _lines_of(self, each: Statements, constants: Mapping[str, _NamedConstant]) -> Iterator[str]:
        if each.code is None:
            yield from (f"{' ' * _INDENT}{line}" for line in each.comment)
            return

        def constant(shared: Shared) -> Code:
            found = constants.get(flat(shared))
            return Atom(found.name) if found else replaced(shared.code, constant)

        yield from lines(replaced(each.code, constant), _INDENT, f"self.{each.name} = ")
        for call in each.after:
            yield from lines(call, _INDENT, f"self.{each.name}.")

    def _constants(self, codes: Sequence[Code]) -> dict[str, _NamedConstant]:
        """A constant for each value that is there more than once, by its code."""
        found = [shared for code in codes for shared in shared_in(code)]
        times = Counter(map(flat, found))
        there = self._constants_there()
        taken = self.names
        constants: dict[str, _NamedConstant] = {}
        for shared in found:
            value = flat(shared)
            if value in constants:
                continue
            if name := there.get(ast.unparse(ast.parse(value))):
                constants[value] = _NamedConstant(name, shared, is_new=False)
            elif times[value] > 1:
                name, number = shared.name, 1
                while name in taken:
                    number += 1
                    name = f"{shared.name}_{number}"
                taken.add(name)
                constants[value] = _NamedConstant(name, shared)
        return constants

    def _constants_there(self) -> dict[str, str]:
        return {
            ast.unparse(node.value): node.targets[0].id
            for node in self.tree.body
            if isinstance(node, ast.Assign)
            and len(node.targets) == 1
            and isinstance(node.targets[0], ast.Name)
            and node.targets[0].id.isupper()
        }

    def _insert_constants(self, constants: Sequence[_NamedConstant]) -> None:
        if not constants:
            return
        block: list[str] = []
        for constant in constants:
            if constant.shared.comment:
                block += [f"# {constant.shared.comment}"]
            block += _constant_lines(constant)
        text = self.text.splitlines()
        at = min([self._class.lineno, *(each.lineno for each in self._class.decorator_list)]) - 1
        while at and text[at - 1].startswith("#"):
            at -= 1
        above = at
        while above and not text[above - 1].strip():
            above -= 1
        text[above:at] = ["", *block, "", ""]
        self.text = "\n".join(text) + "\n"

    def _insert_imports(self) -> None:
        """Import the names of ours that are used, beside those that are imported already."""
        tree = self.tree
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} & set(PUBLIC_NAMES)
        there = [
            each for each in tree.body if isinstance(each, ast.ImportFrom) and each.module == _IMPORTED_FROM
        ]
        imported = {alias.asname or alias.name for each in there for alias in each.names}
        if used <= imported:
            return
        text = self.text.splitlines()
        if there:
            first, last = there[0].lineno - 1, there[0].end_lineno or 0
            kept = [f"{each.name} as {each.asname}" if each.asname else each.name for each in there[0].names]
        else:
            first = last = _after_docstring(tree)
            kept = []
        text[first:last] = import_lines({*kept, *(used - imported)})
        self.text = "\n".join(text) + "\n"


def _signature(parameters: str) -> str:
    given = f"self, stack: cdktf.TerraformStack{parameters}"
    line = f"    def __init__({given}) -> None:"
    return line if len(line) <= WIDTH else f"    def __init__(\n        {given}\n    ) -> None:"


@frozen
class _NamedConstant:
    name: str
    shared: Shared
    is_new: bool = True


def _constant_lines(constant: _NamedConstant) -> list[str]:
    code = replaced(constant.shared.code, lambda shared: shared.code)
    made = list(lines(code, 0, f"{constant.name} = "))
    if isinstance(code, Atom) and len(made[0]) > WIDTH >= len(code.text) + 4:
        return [f"{constant.name} = (", f"    {code.text}", ")"]
    return made


def import_lines(names: set[str]) -> list[str]:
    """An import of names of ours, in the order of isort."""
    ordered = sorted(names, key=lambda name: (_rank(name), name))
    line = f"from {_IMPORTED_FROM} import {', '.join(ordered)}"
    if len(line) <= WIDTH:
        return [line]
    return [f"from {_IMPORTED_FROM} import (", *(f"    {name}," for name in ordered), ")"]


def _rank(name: str) -> int:
    return 0 if name.isupper() else 1 if name[0].isupper() else 2


def _after_docstring(tree: ast.Module) -> int:
    line = 0
    for node in tree.body:
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        is_future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if not (is_docstring or is_future):
            break
        line = node.end_lineno or 0
    return line


# ------------------------------------------------------------ reading


@lru_cache(maxsize=64)
def _parse(path: Path, text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError) as error:
        raise AdoptError(
            f"{path} is no Python that can be read: {error}. Fix it; nothing was written."
        ) from None


def _read_text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise AdoptError(f"{path} cannot be read: {error}") from None


def _read_ledger(path: Path) -> tuple[str, str, str, dict[EstateKind, set[str]]]:
    try:
        ledger = json.loads(_read_text(path))
        target, region, account = (str(ledger[name]) for name in ("target", "region", "account"))
        adopted = {kind: set(map(str, ledger["adopted"].get(str(kind), ()))) for kind in EstateKind}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise AdoptError(
            f"{path} is not what `alipolicy adopt` writes: restore it, or give another --output."
        ) from None
    return target, region, account, adopted


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
    names = ", ".join(sorted([provider, "cdktf", "constructs"], key=lambda name: (_rank(name), name)))
    stack = (
        '"""The stack of all that was adopted."""\n\n'
        f"from {_IMPORTED_FROM} import {names}\n\n{imports}\n\n"
        "class EstateStack(cdktf.TerraformStack):\n"
        '    """What exists, imported as it is."""\n\n'
        "    def __init__(self, scope: constructs.Construct, id_: str) -> None:\n"
        "        super().__init__(scope, id_)\n"
        f'        {provider}(self, "{target}"{place})\n' + "".join(made)
    )
    main = (
        '"""The app: `alipolicy synth` and `cdktf synth` run it."""\n\n'
        f"from {_IMPORTED_FROM} import cdktf\n\nfrom .stack import EstateStack\n\n"
        "app = cdktf.App()\n"
        f'EstateStack(app, "{PACKAGE}")\n'
        "app.synth()\n"
    )
    return {
        "__init__.py": '"""What exists in the account, as code."""\n',
        "__main__.py": main,
        "stack.py": stack,
    }


# ------------------------------------------------------------ writing


def _write_all(files: Mapping[Path, str]) -> None:
    """Write files as a whole or not at all: first beside their places, then into them."""
    written: dict[Path, Path] = {}
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_name(f".alipolicy-{token_hex(8)}")
            written[path] = temporary
            temporary.write_bytes(text.encode("utf-8", "backslashreplace"))
        for path, temporary in written.items():
            os.replace(temporary, path)
    except OSError as error:
        raise AdoptError(
            f"{error.filename} cannot be written: {error.strerror}. Check the folder, and the disk."
        ) from None
    finally:
        for temporary in written.values():
            temporary.unlink(missing_ok=True)
