"""The generated pages of `docs/` are current and complete, and the examples on them are current too."""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

import constructs_lib
from constructs_lib.provider.configuration import VARIABLES
from constructs_lib.provider.protocol.resource import Resource
from constructs_lib.provider.protocol.schema import Attribute, Block, Schema
from constructs_lib.provider.provider import Alipolicy
from tests.docs.pages import DOCS, EXAMPLES, generated_pages

PAGES = generated_pages()
FINDINGS = "guides/findings.md"
OF_PROVIDER = sorted(path for path in PAGES if not path.startswith("guides/"))
PROVIDER = Alipolicy()
SCHEMAS: dict[str, Schema] = {
    "index.md": PROVIDER.schema,
    **{
        f"{folder}/{each.type_name.removeprefix('alipolicy_')}.md": each.schema
        for folder, types in (
            ("resources", PROVIDER.resources()),
            ("data-sources", PROVIDER.data_sources()),
            ("list-resources", PROVIDER.list_resources()),
        )
        for each in types
    },
}
NODES = [
    pytest.param(page, path, node, id=f"{page}: {'.'.join(path)}")
    for page, schema in SCHEMAS.items()
    for path, node in schema.walk()
]


def section(page: str, path: tuple[str, ...]) -> str:
    """The part of a page that lists what is inside a block; for an empty path what is at the top."""
    heading = f"### Nested Schema for `{'.'.join(path)}`\n" if path else "## Schema\n"
    start = page.index(heading) + len(heading)
    return re.split(r'^<a id="|^## ', page[start:], flags=re.MULTILINE)[0]


# ------------------------------------------------------------ current


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_current(path: str) -> None:
    assert (DOCS / path).read_text("utf-8") == PAGES[path], "run `make docs`"


def test_no_page_is_left_that_nothing_writes() -> None:
    written = {file.relative_to(DOCS).as_posix() for file in DOCS.rglob("*.md")}
    assert written == {*PAGES, "guides/review.md"}
    functions = {f"functions/{function.name}.md" for function in PROVIDER.functions()}
    assert set(OF_PROVIDER) == {*SCHEMAS, *functions}


# ------------------------------------------------------------ findings


def test_the_page_of_findings_names_every_code_once() -> None:
    codes = re.findall(r"^\| \*\*(\w+)\*\*<br>", PAGES[FINDINGS], re.MULTILINE)
    assert sorted(codes) == sorted(declared_codes())


def declared_codes() -> Iterator[str]:
    """Every code that a `@check` of the library has."""
    for file in Path(constructs_lib.__file__).parent.rglob("*.py"):
        yield from re.findall(r'^@check\(\s*"(\w+)"', file.read_text("utf-8"), re.MULTILINE)


def test_every_family_says_where_it_is_reported() -> None:
    page = PAGES[FINDINGS]
    codes = re.findall(r"^\| \*\*(\w\w\d)\d\d\*\*", page, re.MULTILINE)
    assert {family for family in codes if f"{family}xx" not in page} == set()


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("BP103", "error"),
        ("PV201", "error unless acknowledged"),
        ("BP303", "warning"),
        ("PV401", "error"),
        ("RV201", "error unless approved"),
        ("RV322", "warning"),
        ("RV521", "note"),
    ],
)
def test_a_code_is_listed_with_its_level(code: str, level: str) -> None:
    assert f"| **{code}**<br>{level} |" in PAGES[FINDINGS]


# ------------------------------------------------------------ the provider


@pytest.mark.parametrize(("page", "path", "node"), NODES)
def test_an_attribute_is_described_where_it_belongs(
    page: str, path: tuple[str, ...], node: Attribute | Block
) -> None:
    lines = re.findall(rf"^- `{path[-1]}` \((.*?)\) (.*)$", section(PAGES[page], path[:-1]), re.MULTILINE)
    ((labels, description),) = lines
    assert node.description in description
    if isinstance(node, Attribute):
        assert ("Sensitive" in labels, "Forces new" in labels) == (node.sensitive, node.force_new)
        default = node.default if isinstance(node.default, str) else json.dumps(node.default)
        assert node.default is None or f"Default: `{default}`." in description
        assert len(node.description) >= 8
    assert ("Deprecated" in labels) == bool(node.deprecated)


@pytest.mark.parametrize(("page", "path", "node"), NODES)
def test_an_attribute_stands_under_who_sets_it(
    page: str, path: tuple[str, ...], node: Attribute | Block
) -> None:
    above = section(PAGES[page], path[:-1]).partition(f"- `{path[-1]}` (")[0]
    group = re.findall(r"^(?:### )?(Required|Optional|Read-Only)", above, re.MULTILINE)[-1]
    if isinstance(node, Block):
        assert group == ("Required" if node.min_items else "Optional")
    else:
        assert group == ("Required" if node.required else "Optional" if node.optional else "Read-Only")


@pytest.mark.parametrize("path", SCHEMAS)
def test_what_nobody_sets_has_no_default(path: str) -> None:
    lines = [
        line for line in PAGES[path].splitlines() if line.startswith(("- `", "#", "Opt", "Req", "Read-"))
    ]
    read_only = False
    for line in lines:
        read_only = "Read-Only" in line if not line.startswith("- `") else read_only
        assert not (read_only and "Default: " in line), line


@pytest.mark.parametrize("path", [*OF_PROVIDER, FINDINGS, "guides/review.md"])
def test_a_page_begins_as_the_registry_wants_it(path: str) -> None:
    front = re.match(
        r'---\npage_title: "([^"\n]+)"\nsubcategory: "([^"\n]*)"\ndescription: \|-\n  (\S.*)\n---\n',
        (DOCS / path).read_text("utf-8"),
    )
    assert front
    folder, name = Path(path).parent.name, Path(path).stem
    folders = ("resources", "data-sources", "list-resources")
    named = {**dict.fromkeys(folders, f"alipolicy_{name} "), "functions": f"{name} "}
    assert named.get(folder, "") in front[1]
    assert (folder in ("", "guides", "functions")) == (front[2] == "")


def test_every_example_states_the_versions_of_the_provider_that_it_is_for() -> None:
    major, minor, _ = metadata.version("alipolicy").split(".")
    configurations = [
        file for file in EXAMPLES.rglob("*.tf") if "required_providers" in file.read_text("utf-8")
    ]
    lists = len(PROVIDER.list_resources())  # which stand beside a configuration
    others = 2  # that of the guide to protection, and the policies of a split
    assert len(configurations) == len(OF_PROVIDER) - lists + others
    for file in configurations:
        assert f'version = "~> {major}.{minor}"' in file.read_text("utf-8"), file


@pytest.mark.parametrize("argument", VARIABLES)
def test_the_index_names_every_variable(argument: str) -> None:
    listed = ", ".join(f"`{name}`" for name in VARIABLES[argument])
    assert f"| `{argument}` | {listed} |" in PAGES["index.md"]


def test_the_documents_of_permissions_are_what_the_library_prints() -> None:
    examples = re.findall(
        r"```python\n(from constructs_lib\.provider\.permissions .*?)```\n\n```json\n(.*?)```",
        PAGES["index.md"],
        re.DOTALL,
    )
    assert len(examples) == 2
    for program, document in examples:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(program, {})
        assert json.loads(printed.getvalue()) == json.loads(document)


@pytest.mark.parametrize("path", [path for path in OF_PROVIDER if path.startswith("resources/")])
def test_a_resource_says_how_it_is_planned_destroyed_and_imported(path: str) -> None:
    for heading in ("Example Usage", "Schema", "What a plan reports", "Destroy", "Import"):
        assert f"\n## {heading}\n" in PAGES[path]
    for name in SCHEMAS[path].timeouts:
        assert f"- `{name}` (String) How long {name} may take" in section(PAGES[path], ("timeouts",))


@pytest.mark.parametrize("resource", PROVIDER.resources(), ids=lambda resource: resource.type_name)
def test_the_examples_of_an_import_mean_the_same_object(resource: Resource) -> None:
    folder = EXAMPLES / "resources" / resource.type_name
    command, by_id, by_identity = (
        (folder / name).read_text("utf-8") for name in ("import.sh", "import.tf", "import-by-identity.tf")
    )
    address, id = command.split()[2:]
    parts = dict(re.findall(r'^    (\w+) += "(.*)"$', by_identity, re.MULTILINE))
    assert ":".join(parts.values()) == id
    assert resource.identity is not None
    required = [name for name, node in resource.identity.body.items() if getattr(node, "required", False)]
    assert [*parts] == required
    assert f'"{id}"' in by_id
    for block in (by_id, by_identity):
        assert f"to = {address}\n" in re.sub(" += ", " = ", block)


def test_only_what_can_be_moved_says_so() -> None:
    moved = [path for path in OF_PROVIDER if "\n## Moving from aliyun/alicloud\n" in PAGES[path]]
    kept = ["backup_policy", "backup_policy_binding", "backup_vault", "policy", "policy_attachment"]
    assert moved == [f"resources/{name}.md" for name in kept]
