"""The pages of the provider, its resources, data sources, lists and functions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from constructs_lib.provider import permissions
from constructs_lib.provider.configuration import IN_PROFILE, MODES, VARIABLES
from constructs_lib.provider.protocol.resource import Function, ListResource
from constructs_lib.provider.protocol.schema import Attribute, Schema
from constructs_lib.provider.provider import Alipolicy
from constructs_lib.ram.document import PolicyDocument
from constructs_lib.ram.risks import opened
from tests.docs import provider_texts as texts
from tests.docs.front_matter import front_matter
from tests.docs.schema_section import schema_section, type_words

GENERATED_FROM = "the schemas, tests/docs/provider_texts.py and examples/"
ACCOUNT = "1234567890123456"


def provider_pages(examples: Path) -> dict[str, str]:
    """Every page by its path.

    * `examples`: the folder with the examples, which are printed as they are.
    """
    provider = Alipolicy()
    pages = {"index.md": _join_lines(_index(provider, examples / "provider"))}
    for resource in provider.resources():
        folder = examples / "resources" / resource.type_name
        lines = _type_page(resource.type_name, "Resource", resource.schema, folder, resource.identity)
        pages[f"resources/{_short_name(resource.type_name)}.md"] = _join_lines(lines)
    for source in provider.data_sources():
        folder = examples / "data-sources" / source.type_name
        lines = _type_page(source.type_name, "Data Source", source.schema, folder)
        pages[f"data-sources/{_short_name(source.type_name)}.md"] = _join_lines(lines)
    for listing in provider.list_resources():
        lines = _list_page(listing, examples / "list-resources" / listing.type_name)
        pages[f"list-resources/{_short_name(listing.type_name)}.md"] = _join_lines(lines)
    for function in provider.functions():
        lines = _function_page(function, examples / "functions" / function.name)
        pages[f"functions/{function.name}.md"] = _join_lines(lines)
    return pages


def _join_lines(lines: Iterator[str]) -> str:
    return "\n".join(lines).rstrip() + "\n"


def _short_name(type_name: str) -> str:
    return type_name.removeprefix("alipolicy_")


def _type_page(
    type_name: str, kind: str, schema: Schema, folder: Path, identity: Schema | None = None
) -> Iterator[str]:
    """The page of a resource or data source. `identity`: of a resource."""
    text = texts.OF_TYPE[type_name]
    title = f"{type_name} {kind} - alipolicy"
    yield from front_matter(title, text.subcategory, schema.description, GENERATED_FROM)
    yield f"# {type_name} ({kind})"
    yield ""
    yield schema.description
    yield ""
    yield from _sections(text.before)
    yield from _examples(folder)
    yield from schema_section(schema)
    yield from _sections(text.after)
    if identity is not None:
        yield from _import(text.import_id, folder)
        yield from _identity(identity, folder)
    if (folder / "moved.tf").exists():
        yield from _sections(texts.MOVED)
        yield from _code("terraform", folder / "moved.tf")


def _list_page(listing: ListResource, folder: Path) -> Iterator[str]:
    name, schema = listing.type_name, listing.schema
    title, of_type = f"{name} List Resource - alipolicy", texts.OF_TYPE[name]
    yield from front_matter(title, of_type.subcategory, schema.description, GENERATED_FROM)
    yield f"# {name} (List Resource)"
    yield ""
    yield schema.description
    yield ""
    yield from _sections(texts.LISTS.format(type_name=name, page=_short_name(name)))
    yield from _sections(of_type.listed)
    yield "## Example Usage"
    yield ""
    yield from _code("terraform", folder / "list-resource.tfquery.hcl")
    yield from schema_section(schema)


def _function_page(function: Function, folder: Path) -> Iterator[str]:
    title = f"{function.name} Function - alipolicy"
    yield from front_matter(title, "", function.description, GENERATED_FROM)
    yield f"# {function.name} (Function)"
    yield ""
    yield function.description
    yield ""
    yield from _sections(texts.FUNCTIONS)
    yield "## Example Usage"
    yield ""
    yield from _code("terraform", folder / "function.tf")
    yield "It gives:"
    yield ""
    yield from _code("json", folder / "output.json")
    for file, prose in texts.MORE_EXAMPLES.get(function.name, {}).items():
        yield from _sections(prose)
        yield from _code("terraform", folder / file)
    yield "## Signature"
    yield ""
    parameters = [f"{each.name} {type_words(each.type)}" for each in function.parameters]
    described = [*function.parameters]
    if function.variadic:
        parameters.append(f"{function.variadic.name} {type_words(function.variadic.type)}...")
        described.append(function.variadic)
    yield "```text"
    yield f"{function.name}({', '.join(parameters)}) {type_words(function.returns)}"
    yield "```"
    yield ""
    yield "## Arguments"
    yield ""
    for number, parameter in enumerate(described, 1):
        yield f"{number}. `{parameter.name}` ({type_words(parameter.type)}) {parameter.description}"


def _sections(text: str) -> Iterator[str]:
    if text:
        yield from text.strip().splitlines()
        yield ""


def _code(language: str, file: Path) -> Iterator[str]:
    yield f"```{language}"
    yield from file.read_text("utf-8").strip().splitlines()
    yield "```"
    yield ""


def _examples(folder: Path) -> Iterator[str]:
    yield "## Example Usage"
    yield ""
    yield "In HCL:"
    yield ""
    (configuration,) = (
        file for file in folder.glob("*.tf") if file.stem in ("resource", "data-source", "provider")
    )
    yield from _code("terraform", configuration)
    if (folder / "program.py").exists():
        yield "In Python, for CDKTF, with the constructs of this library:"
        yield ""
        yield from _code("python", folder / "program.py")


def _import(what: str, folder: Path) -> Iterator[str]:
    yield "## Import"
    yield ""
    yield what
    yield ""
    yield from _code("shell", folder / "import.sh")
    yield "Or with a block in the configuration (Terraform 1.5 or newer):"
    yield ""
    yield from _code("terraform", folder / "import.tf")


def _identity(identity: Schema, folder: Path) -> Iterator[str]:
    yield "Or by its identity (Terraform 1.12 or newer):"
    yield ""
    yield from _code("terraform", folder / "import-by-identity.tf")
    yield "### Identity Schema"
    yield ""
    for title, is_required in (("Required", True), ("Optional", False)):
        yield f"#### {title}"
        yield ""
        for name, node in identity.body.items():
            if isinstance(node, Attribute) and node.required is is_required:
                yield f"- `{name}` ({type_words(node.value_type)}) {node.description}"
        yield ""


# ------------------------------------------------------------ the provider


def _index(provider: Alipolicy, folder: Path) -> Iterator[str]:
    schema = provider.schema
    yield from front_matter("Provider: alipolicy", "", schema.description, GENERATED_FROM)
    yield "# alipolicy Provider"
    yield ""
    yield schema.description
    yield ""
    yield from _sections(texts.INSTALLING)
    yield from _examples(folder)
    yield from _sections(texts.CONFIGURATION)
    yield from _variables()
    yield from _sections(texts.CREDENTIALS.format(modes=", ".join(f"`{mode}`" for mode in MODES)))
    yield from _permissions()
    yield from schema_section(schema)


def _variables() -> Iterator[str]:
    """Where each argument is looked for; the order is that of the columns, and of the names in them."""
    yield "| argument | environment, the first that is set | in the profile |"
    yield "|---|---|---|"
    for argument in VARIABLES:
        variables = ", ".join(f"`{name}`" for name in VARIABLES.get(argument, ())) or "—"
        key, modes = IN_PROFILE.get(argument, ("", ()))
        in_profile = f"`{key}`" if key else "—"
        if key and modes != MODES:
            in_profile += f" ({', '.join(modes)})"
        yield f"| `{argument}` | {variables} | {in_profile} |"
    yield ""


def _permissions() -> Iterator[str]:
    yield from _sections(texts.PERMISSIONS)
    yield "| action | needed to | limited to |"
    yield "|---|---|---|"
    for actions, resource in (
        (permissions.CLOUD_BACKUP, "cannot be limited: `*`"),
        (
            permissions.READ_VERSIONS
            | permissions.WRITE_VERSIONS
            | permissions.READ_POLICIES
            | permissions.WRITE_POLICIES,
            "the policy: `acs:ram:*:<account>:policy/<name>`",
        ),
        (permissions.LIST_POLICIES, "cannot be limited: `*`"),
        (permissions.ATTACH, "the policy, and the user, group or role: `acs:ram:*:<account>:role/<name>`"),
        (permissions.ASSUME_ROLE, "the role: `acs:ram:*:<account>:role/<name>`"),
        (permissions.NEEDS_NONE, "needs no permission"),
    ):
        for action, purpose in actions.items():
            yield f"| `{action}` | {purpose} | {resource} |"
    yield ""
    document = permissions.permissions(
        policy_names=["oss-readers"], principals=["role/app"], account_id=ACCOUNT
    )
    yield "The library builds the policy document, here for backup policies, and one policy and who gets it:"
    yield ""
    given = f'policy_names=["oss-readers"], principals=["role/app"], account_id="{ACCOUNT}"'
    yield from _document(f"permissions({given})", document)
    yield "These permissions are dangerous themselves; of the catalogue of risks they open:"
    yield ""
    for opened_risk in opened(PolicyDocument([]), document).risks:
        names = ", ".join(f"`{action}`" for action in opened_risk.actions)
        yield f"- {opened_risk.risk.title} ({opened_risk.risk.level}): {names}"
    yield ""
    yield from _sections(texts.RISKS)
    role = f"acs:ram::{ACCOUNT}:role/deployer"
    yield from _document(f'permission_to_assume("{role}")', permissions.permission_to_assume(role))
    yield from _sections(texts.UNCERTAIN)


def _document(expression: str, document: PolicyDocument) -> Iterator[str]:
    name = expression.partition("(")[0]
    yield "```python"
    yield f"from constructs_lib.provider.permissions import {name}"
    yield ""
    yield f"print({expression}.to_json())"
    yield "```"
    yield ""
    yield "```json"
    yield from json.dumps(document.to_dict(), indent=2).splitlines()
    yield "```"
    yield ""
