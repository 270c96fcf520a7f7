"""Findings that warn, as CDKTF annotations: `cdktf synth` and `alipolicy synth` print them."""

from __future__ import annotations

from collections.abc import Iterable

from constructs_lib.cdk.engine import cdktf, constructs
from constructs_lib.findings import Finding


def annotate(construct: constructs.Construct, warnings: Iterable[Finding]) -> None:
    """Put each finding on the construct."""
    for finding in warnings:
        cdktf.Annotations.of(construct).add_warning(finding.message)
