"""Links in Markdown files lead somewhere, on the pages of the registry in the registry too."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT


def markdown_files() -> list[str]:
    """Every Markdown file of the repository, without those of packages that are installed into it."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.splitlines() if (ROOT / name).exists()]


FILES = markdown_files()
PAGES = [name for name in FILES if name.startswith("docs/")]


def prose(file: Path) -> str:
    """A file without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", file.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


def links(file: Path) -> list[str]:
    """The targets of links and pictures, those to other sites left out."""
    return re.findall(r"\]\((?!https?:)([^)]+)\)", prose(file))


def anchors(file: Path) -> Iterator[str]:
    """What a link into a page can name: anchors, and headings as GitHub and the registry spell them."""
    yield from re.findall(r'<a id="([^"]+)">', prose(file))
    for heading in re.findall(r"^#+ (.*)$", prose(file), re.MULTILINE):
        yield re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-")


def test_the_readme_and_the_pages_are_looked_at() -> None:
    assert {"README.md", "CONTRIBUTING.md", "docs/index.md", "docs/guides/review.md"} <= set(FILES)
    assert len(links(ROOT / "README.md")) > 5


@pytest.mark.parametrize("name", FILES)
def test_links_lead_somewhere(name: str) -> None:
    for link in links(ROOT / name):
        path, _, anchor = link.partition("#")
        target = (ROOT / name).parent / path if path else ROOT / name
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("name", PAGES)
def test_a_link_of_a_page_works_in_the_registry_too(name: str) -> None:
    """The registry shows the pages of `docs/` alone, at `…/docs/resources/NAME`, and the index at `…/docs`:
    from there a relative link leads one folder too high. It takes `.md` off a link."""
    folder = (ROOT / name).parent.relative_to(DOCS).as_posix()
    for link in links(ROOT / name):
        if folder == ".":
            assert link.startswith("#"), f"{link}: the index can only link into itself"
        else:
            assert re.fullmatch(r"#.*|(\.\./(resources|data-sources|guides)/)?\w+\.md(#.*)?", link), link


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_no_picture_which_the_registry_would_not_serve(name: str) -> None:
    assert "![" not in prose(ROOT / name)
