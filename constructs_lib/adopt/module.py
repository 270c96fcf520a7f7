"""A module of the app: one class, read by its syntax alone, and added to at the end of its constructor."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from attrs import define, frozen

from constructs_lib import __all__ as PUBLIC_NAMES
from constructs_lib.adopt.code import WIDTH, Atom, Code, Shared, flat, lines, replaced, shared_in
from constructs_lib.adopt.estate import AdoptError, EstateKind
from constructs_lib.adopt.writing import VARIABLES, Statements

IMPORTED_FROM = "constructs_lib"


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
            f"from {IMPORTED_FROM} import cdktf\n{chr(10) + imports if imports else ''}\n\n"
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
        return cls(kind, read_text(path), path)

    @property
    def tree(self) -> ast.Module:
        return parse_python(self.path, self.text)

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

    def add(self, statements: Sequence[Statements]) -> None:
        """Write the statements at the end of the constructor, with the constants and imports they need."""
        constants = self._constants([each.code for each in statements if each.code])
        text, indent = self.text.rstrip("\n").split("\n"), self._indent()
        end = self._end_of_constructor(text, indent)
        text[end:end] = [
            indent + line[len(indent) :]
            for each in statements
            for line in self._lines_of(each, constants, len(indent))
        ]
        self.text = "\n".join(text) + "\n"
        self._insert_constants([each for each in constants.values() if each.is_new])
        self._insert_imports()
        try:
            compile(self.text, str(self.path), "exec", dont_inherit=True)
        except SyntaxError as error:
            raise AdoptError(
                f"new code does not fit into {self.path}: {error}. Nothing was written."
            ) from None

    def _indent(self) -> str:
        """What stands before each statement of the constructor."""
        first = self._constructor.body[0]
        before = self.text.split("\n")[first.lineno - 1][: first.col_offset]
        if before.strip():
            name = LAYOUT[self.kind].class_name
            raise AdoptError(
                f"{self.path}: the __init__ of {name} is on one line: give its statements lines of their own."
            )
        return before

    def _end_of_constructor(self, text: Sequence[str], indent: str) -> int:
        """After its last statement, and the comments that follow it."""
        end = at = self._constructor.end_lineno or len(text)
        while at < len(text) and (not text[at].strip() or text[at].startswith(f"{indent}#")):
            at += 1
            end = at if text[at - 1].strip() else end
        return end

    def _lines_of(
        self, each: Statements, constants: Mapping[str, _NamedConstant], indent: int
    ) -> Iterator[str]:
        if each.code is None:
            yield from (f"{' ' * indent}{line}" for line in each.comment)
            return

        def constant(shared: Shared) -> Code:
            found = constants.get(flat(shared))
            return Atom(found.name) if found else replaced(shared.code, constant)

        yield from lines(replaced(each.code, constant), indent, f"self.{each.name} = ")
        for call in each.after:
            yield from lines(call, indent, f"self.{each.name}.")

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
        text = self.text.rstrip("\n").split("\n")
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
            each for each in tree.body if isinstance(each, ast.ImportFrom) and each.module == IMPORTED_FROM
        ]
        imported = {alias.asname or alias.name for each in there for alias in each.names}
        if used <= imported:
            return
        text = self.text.rstrip("\n").split("\n")
        first = last = _after_docstring(tree)
        kept: list[str] = []
        if there:
            first, last = there[0].lineno - 1, there[0].end_lineno or 0
            kept = [f"{each.name} as {each.asname}" if each.asname else each.name for each in there[0].names]
            if text[first:last] != import_lines(set(kept)):  # a person's own, perhaps with a comment
                first, kept = last, []
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
    ordered = sorted(names, key=lambda name: (rank(name), name))
    line = f"from {IMPORTED_FROM} import {', '.join(ordered)}"
    if len(line) <= WIDTH:
        return [line]
    return [f"from {IMPORTED_FROM} import (", *(f"    {name}," for name in ordered), ")"]


def rank(name: str) -> int:
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
def parse_python(path: Path, text: str) -> ast.Module:
    """The syntax of a file. AdoptError: it has none."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError) as error:
        raise AdoptError(
            f"{path} is no Python that can be read: {error}. Fix it; nothing was written."
        ) from None


def read_text(path: Path) -> str:
    """The text of a file, by lines that end with a line feed. AdoptError: it cannot be read."""
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise AdoptError(f"{path} cannot be read: {error}") from None
