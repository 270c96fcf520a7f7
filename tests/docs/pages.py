"""The pages of `docs/` that are made from the code, in the layout that the Terraform Registry publishes.

`python -m tests.docs` writes them; `docs/guides/review.md` is the one page that is written by hand.
"""

from __future__ import annotations

from pathlib import Path

from tests.docs.adopt_page import adopt_page
from tests.docs.api_fields_page import api_fields_page
from tests.docs.dist_page import dist_page
from tests.docs.findings_page import findings_page
from tests.docs.local_cloud_page import local_cloud_page
from tests.docs.protection_page import protection_page
from tests.docs.protocol_page import protocol_page
from tests.docs.provider_pages import provider_pages

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
EXAMPLES = ROOT / "examples"


def generated_pages() -> dict[str, str]:
    """Every generated page by its path in `docs/`."""
    guides = {
        "guides/adopt.md": adopt_page(),
        "guides/api-fields.md": api_fields_page(),
        "guides/dist.md": dist_page(),
        "guides/findings.md": findings_page(),
        "guides/local-cloud.md": local_cloud_page(),
        "guides/protection.md": protection_page(),
        "guides/protocol.md": protocol_page(),
    }
    return {**guides, **provider_pages(EXAMPLES)}
