"""What a construct with a policy document takes beside its first statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from attrs import evolve

from constructs_lib.cdk.element import ResourceConstruct, annotate
from constructs_lib.findings import Finding
from constructs_lib.ram.document import PolicyDocument, PolicyStatement


class HasStatements:
    """A construct with a document: `policy.add_statement(…)`.

    * `_props`: with the `policy_document` as given. `_warnings`: those that stand at the construct.
    """

    _props: Any
    _warnings: Sequence[Finding]

    def _check(self, props: Any) -> list[Finding]:
        """The warnings that are left. InvalidPropsError: there are errors."""
        raise NotImplementedError

    def _write(self, props: Any) -> Mapping[str, object]:
        """The attributes of the resource."""
        raise NotImplementedError

    def add_statement(self, *statements: PolicyStatement) -> None:
        """Further statements; all are checked again, those so far and these.

        Raises `InvalidPropsError` with all findings, also where statements so far are a token; then none is
        added.
        """
        assert isinstance(self, ResourceConstruct)
        given = self._props.policy_document
        document = given if isinstance(given, PolicyDocument) else PolicyDocument.from_json(cast(Any, given))
        props = evolve(self._props, policy_document=PolicyDocument([*document.statements, *statements]))
        warnings = self._check(props)
        self.replace_attributes(self._write(props))
        annotate(self, [warning for warning in warnings if warning not in self._warnings])
        self._props, self._warnings = props, warnings
