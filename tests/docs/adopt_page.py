"""The guide to `alipolicy adopt`: what it writes for the example is written anew, and shown."""

from __future__ import annotations

import tempfile
from pathlib import Path

from constructs_lib.adopt.adopting import adopt_estate
from constructs_lib.adopt.app import AdoptedApp
from constructs_lib.adopt.files import read_file
from constructs_lib.provider.permissions import permissions_to_read
from tests.docs.front_matter import front_matter

ROOT = Path(__file__).parents[2]
EXAMPLE = "examples/adopt/state.json"

TEXT = "tests/docs/adopt_page.md"


def adopt_page() -> str:
    description = "Typed Python for the policies that an account has, with imports that change nothing."
    head = front_matter("You have policies already", "", description, f"{EXAMPLE} and {TEXT}")
    with tempfile.TemporaryDirectory() as folder:
        app = AdoptedApp.read(Path(folder), "alipolicy")
        adopt_estate(app, read_file(ROOT / EXAMPLE))
        modules = {
            path.stem: path.read_text("utf-8").strip() for path in (Path(folder) / "estate").glob("*.py")
        }
    page = (ROOT / TEXT).read_text("utf-8")
    for name, text in {**modules, "permissions": permissions_to_read().to_json()}.items():
        page = page.replace(f"<<{name}>>", text)
    return "\n".join([*head, page])
