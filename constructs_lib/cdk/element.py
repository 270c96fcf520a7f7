"""Terraform resources and providers from plain Python values, in one call to Node each.

The engine's generated bindings make an object of each nested block and check it on the way: 1.5 ms for a
policy of three rules. Here the attributes travel as one JSON string to two classes of ours (`bridge/`), which
give the same Terraform JSON, and better HCL; synthesis calls nothing back.

Names in subclasses must not be those of the engine's members, such as `connection` or `to_string`: jsii takes
these for overrides, and calls them from Node.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import Any, Unpack

import jsii

from constructs_lib.cdk import bridge
from constructs_lib.cdk.bridge.meta_arguments import MetaArguments, read_meta_arguments
from constructs_lib.cdk.bridge.values import encode
from constructs_lib.cdk.comment import find_source
from constructs_lib.cdk.engine import cdktf, constructs
from constructs_lib.findings import Finding, printable

__all__ = ["Blocks", "MetaArguments", "ProviderConstruct", "ResourceConstruct", "annotate"]

# Which attributes are nested blocks, and which of theirs are: `{"rules": {"tag_filters": {}}}`.
Blocks = Mapping[str, "Blocks"]


class ResourceConstruct(cdktf.TerraformResource, jsii_type=f"{bridge.NAME}.Resource"):
    """A Terraform resource.

    * `terraform_type`, `provider_name`: such as `alicloud_hbr_policy` and `alicloud`.
    * `attributes`: strings, numbers, booleans, lists, dicts and tokens, by Terraform's names; None is left
      out.
    * `blocks`: which of them are nested blocks. A block takes a list of dicts, or `iterator.dynamic({…})`.
    * `dynamic`: by block, the content of the `dynamic` block that is made where its list is known only to
      Terraform; in it `rules.value` is an element of `rules`. None: there is no such list.
    * `if_unbound`: a warning that a backup policy carries where nothing in its stack binds it.
    * `meta`: as in CDKTF.

    TypeError, ValueError: an attribute that cannot travel (with its path), a wrong scope or meta-argument, an
    id that is taken.
    """

    def __init__(
        self,
        scope: constructs.Construct,
        id_: str,
        *,
        terraform_type: str,
        provider_name: str,
        attributes: Mapping[str, object],
        blocks: Blocks,
        dynamic: Mapping[str, object] | None = None,
        if_unbound: str = "",
        **meta: Unpack[MetaArguments],
    ) -> None:
        description = _describe(self, terraform_type, provider_name, attributes, blocks)
        if dynamic is not None:
            description["dynamic"] = dynamic
        if if_unbound:
            description["ifUnbound"] = if_unbound
        self._description = description
        self._string_attributes: dict[str, str] = {}
        self.TF_RESOURCE_TYPE = terraform_type
        _create(self, scope, id_, description, meta)

    def __init_subclass__(cls, **options: Any) -> None:
        """Let `inspect.signature`, `help` and editors show the arguments, which jsii's metaclass hides."""
        super().__init_subclass__(**options)
        show_signature(cls)

    def replace_attributes(
        self,
        attributes: Mapping[str, object],
        dynamic: Mapping[str, object] | None = None,
        if_unbound: str = "",
    ) -> None:
        """Other attributes instead of those so far. TypeError, ValueError: as in the constructor."""
        description = {**self._description, "attributes": attributes, "ifUnbound": if_unbound}
        if dynamic is not None:
            description["dynamic"] = dynamic
        jsii.invoke(self, "replaceAttributes", [*encode(description)])
        self._description = description

    def string_attribute(self, name: str) -> str:
        """An attribute that only Terraform will know, as a token. The first call for a name goes to Node."""
        if name not in self._string_attributes:
            self._string_attributes[name] = jsii.invoke(self, "getStringAttribute", [name])
        return self._string_attributes[name]


class DataSourceConstruct(cdktf.TerraformDataSource, jsii_type=f"{bridge.NAME}.DataSource"):
    """A Terraform data source; the arguments, and what is raised, are those of `ResourceConstruct`."""

    def __init__(
        self,
        scope: constructs.Construct,
        id_: str,
        *,
        terraform_type: str,
        provider_name: str,
        attributes: Mapping[str, object],
        blocks: Blocks,
        **meta: Unpack[MetaArguments],
    ) -> None:
        self.TF_RESOURCE_TYPE = terraform_type
        description = _describe(self, terraform_type, provider_name, attributes, blocks)
        _create(self, scope, id_, description, meta)

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        show_signature(cls)


class ProviderConstruct(cdktf.TerraformProvider, jsii_type=f"{bridge.NAME}.Provider"):
    """A Terraform provider.

    * `terraform_type`: its local name, such as `alicloud`.
    * `source`, `version_constraint`: for `required_providers`, such as `aliyun/alicloud` and `~> 1.289`.
    * `alias`: for a second one in a stack.
    * `attributes`, `blocks`: as in `ResourceConstruct`.

    TypeError, ValueError: as in `ResourceConstruct`.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        show_signature(cls)

    def __init__(
        self,
        scope: constructs.Construct,
        id_: str,
        *,
        terraform_type: str,
        source: str,
        attributes: Mapping[str, object],
        blocks: Blocks,
        version_constraint: str | None = None,
        alias: str | None = None,
    ) -> None:
        description = {
            "class": type(self).__name__,
            "type": terraform_type,
            "source": source,
            "version": version_constraint,
            "alias": alias,
            "line": printable(find_source() or ""),
            "attributes": attributes,
            "blocks": blocks,
        }
        _create(self, scope, id_, description, {})


def show_signature(construct: type) -> None:
    """Give a class the signature of its constructor, with the meta-arguments by name."""
    signature = inspect.signature(construct.__init__)  # type: ignore[misc]
    _, *parameters = signature.parameters.values()
    if parameters and parameters[-1].kind is inspect.Parameter.VAR_KEYWORD:
        by_name = MetaArguments.__annotations__.items()
        keyword, taken = inspect.Parameter.KEYWORD_ONLY, {parameter.name for parameter in parameters}
        parameters[-1:] = [
            inspect.Parameter(name, keyword, default=None, annotation=annotation.__forward_arg__)
            for name, annotation in by_name
            if name not in taken
        ]
    construct.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]


def annotate(construct: constructs.Construct, warnings: Iterable[Finding]) -> None:
    """Put warnings on a construct as CDKTF's annotations: `cdktf synth` and `alipolicy synth` print them."""
    for finding in warnings:
        cdktf.Annotations.of(construct).add_warning(finding.message)


def _describe(
    element: ResourceConstruct | DataSourceConstruct,
    terraform_type: str,
    provider_name: str,
    attributes: Mapping[str, object],
    blocks: Blocks,
) -> dict[str, object]:
    return {
        "class": type(element).__name__,
        "type": terraform_type,
        "provider": provider_name,
        "attributes": attributes,
        "blocks": blocks,
    }


def _create(
    element: ResourceConstruct | DataSourceConstruct | ProviderConstruct,
    scope: object,
    id_: object,
    description: Mapping[str, object],
    meta: Mapping[str, object],
) -> None:
    try:
        if not isinstance(scope, constructs.Construct) or isinstance(scope, cdktf.App):
            raise TypeError(f"scope must be a stack or a construct in one; got {scope!r}")
        if not isinstance(id_, str):
            raise TypeError(f"id must be a string; got {id_!r}")
        text, references = encode(description)
        arguments: list[object] = [scope, id_, text]
        if references or meta:
            arguments.append(references)
        if meta:
            # Only its parameters are read.
            arguments.append(read_meta_arguments(meta, element.__init__))  # type: ignore[misc]
        bridge.load(cdktf.__name__)
        # Not `super().__init__`: it would check all types anew, which takes as long as the rest.
        jsii.create(type(element), element, arguments)
    except (TypeError, ValueError, RuntimeError) as error:
        # What only Node can know, such as an id that is taken, comes as a RuntimeError with its own stack.
        message = printable(str(error).removeprefix("Error: ").partition("\n")[0])
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"{type(element).__name__} {id_!r}: {message}") from None
