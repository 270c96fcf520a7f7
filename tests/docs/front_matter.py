"""How every page of `docs/` begins, as the Terraform Registry wants it."""

from __future__ import annotations

import json
from collections.abc import Iterator


def front_matter(title: str, subcategory: str, description: str, generated_from: str) -> Iterator[str]:
    """The lines before a page's heading.

    * `subcategory`: under what the registry lists the page; empty for the index and the guides.
    * `generated_from`: what to change instead of the page.
    """
    yield "---"
    yield f"page_title: {json.dumps(title)}"
    yield f"subcategory: {json.dumps(subcategory)}"
    yield "description: |-"
    yield f"  {description}"
    yield "---"
    yield ""
    yield f"<!-- Written by `make docs` from {generated_from}: change those. -->"
    yield ""
