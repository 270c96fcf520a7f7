"""The generated pages of `docs/` are current, complete, and lead where they say."""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import constructs_lib
from constructs_lib.provider.configuration import VARIABLES
from constructs_lib.provider.protocol.schema import Attribute, Block, Schema
from constructs_lib.provider.provider import Alipolicy
from docs import generate

PAGES = generate.pages()
OF_PROVIDER = sorted(path for path in PAGES if path.startswith("provider/"))
PROVIDER = Alipolicy()
SCHEMAS: dict[str, Schema] = {
    "provider/index.md": PROVIDER.schema,
    "provider/resources/backup_policy.md": PROVIDER.resources()[0].schema,
    "provider/resources/policy_version.md": PROVIDER.resources()[1].schema,
    "provider/data-sources/backup_policies.md": PROVIDER.data_sources()[0].schema,
    "provider/data-sources/policy_versions.md": PROVIDER.data_sources()[1].schema,
}
NODES = [
    pytest.param(page, path, node, id=f"{page.partition('/')[2]}: {'.'.join(path)}")
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
    assert (generate.FOLDER / path).read_text("utf-8") == PAGES[path], "run `make docs`"


def test_no_page_is_left_that_nothing_makes() -> None:
    folder = generate.FOLDER
    written = {str(one.relative_to(folder)) for one in (folder / "provider").rglob("*.md")}
    assert written == set(OF_PROVIDER) == set(SCHEMAS)


# ------------------------------------------------------------ findings


def test_the_page_of_findings_names_every_code_once() -> None:
    codes = re.findall(r"^\| \*\*(\w+)\*\*<br>", PAGES["findings.md"], re.MULTILINE)
    assert sorted(codes) == sorted(declared_codes())


def declared_codes() -> Iterator[str]:
    """Every code that a `@check` of the library has."""
    for file in Path(constructs_lib.__file__).parent.rglob("*.py"):
        yield from re.findall(r'^@check\(\s*"(\w+)"', file.read_text("utf-8"), re.MULTILINE)


def test_every_family_has_its_doors() -> None:
    page = PAGES["findings.md"]
    codes = re.findall(r"^\| \*\*(\w\w\d)\d\d\*\*", page, re.MULTILINE)
    assert {family for family in codes if f"{family}xx" not in page} == set()


@pytest.mark.parametrize(
    ("code", "grade"),
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
def test_a_code_is_told_with_its_grade(code: str, grade: str) -> None:
    assert f"| **{code}**<br>{grade} |" in PAGES["findings.md"]


# ------------------------------------------------------------ the provider


@pytest.mark.parametrize(("page", "path", "node"), NODES)
def test_an_attribute_is_told_where_it_belongs(
    page: str, path: tuple[str, ...], node: Attribute | Block
) -> None:
    lines = re.findall(rf"^- `{path[-1]}` \((.*?)\) (.*)$", section(PAGES[page], path[:-1]), re.MULTILINE)
    ((labels, told),) = lines
    assert node.description in told
    if isinstance(node, Attribute):
        assert ("Sensitive" in labels, "Forces new" in labels) == (node.sensitive, node.force_new)
        default = node.default if isinstance(node.default, str) else json.dumps(node.default)
        assert node.default is None or f"Default: `{default}`." in told
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


@pytest.mark.parametrize("path", OF_PROVIDER)
def test_a_page_begins_as_the_registry_wants_it(path: str) -> None:
    front = re.match(
        r'---\npage_title: "([^"\n]+)"\nsubcategory: "([^"\n]*)"\ndescription: \|-\n  (\S.*)\n---\n',
        PAGES[path],
    )
    assert front
    name = Path(path).stem
    assert name == "index" or f"alipolicy_{name} " in front[1]
    assert (name == "index") == (front[2] == "")


@pytest.mark.parametrize("path", PAGES)
def test_links_lead_somewhere(path: str) -> None:
    page = PAGES[path]
    links = re.findall(r"\]\(([^)#]*)(#[^)]*)?\)", page)
    for file, place in links:
        target = (generate.FOLDER / path).parent / file if file else generate.FOLDER / path
        text = target.read_text("utf-8")
        assert not place or place[1:] in anchors(text), f"{file}{place}"


def anchors(page: str) -> Iterator[str]:
    yield from re.findall(r'<a id="([^"]+)">', page)
    for heading in re.findall(r"^#+ (.*)$", page, re.MULTILINE):
        yield re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-")


@pytest.mark.parametrize("argument", VARIABLES)
def test_the_index_names_every_variable(argument: str) -> None:
    listed = ", ".join(f"`{name}`" for name in VARIABLES[argument])
    assert f"| `{argument}` | {listed} |" in PAGES["provider/index.md"]


def test_the_documents_of_permissions_are_what_the_library_prints() -> None:
    found = re.findall(
        r"```python\n(from constructs_lib\.provider\.permissions .*?)```\n\n```json\n(.*?)```",
        PAGES["provider/index.md"],
        re.DOTALL,
    )
    assert len(found) == 2
    for program, document in found:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(program, {})
        assert json.loads(printed.getvalue()) == json.loads(document)


@pytest.mark.parametrize("path", [path for path in OF_PROVIDER if "/resources/" in path])
def test_a_resource_tells_how_it_is_planned_destroyed_and_imported(path: str) -> None:
    for heading in ("Example Usage", "Schema", "What a plan tells", "Destroy", "Import"):
        assert f"\n## {heading}\n" in PAGES[path]
    for name in SCHEMAS[path].timeouts:
        assert f"- `{name}` (String) How long {name} may take" in section(PAGES[path], ("timeouts",))


def test_only_what_can_be_moved_says_so() -> None:
    moved = [path for path in OF_PROVIDER if "\n## Moving from aliyun/alicloud\n" in PAGES[path]]
    assert moved == ["provider/resources/backup_policy.md"]
