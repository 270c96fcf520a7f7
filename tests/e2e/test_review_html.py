"""The HTML report in headless Chromium: it fits, it complains of nothing, it is accessible, it folds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from constructs_lib.review.render import html
from tests.e2e import node
from tests.e2e.browser import AXE, browser, example, opened, reports

WIDTHS = [390, 1_440]
KINDS = [
    "empty",
    "unchanged",
    "errors",
    "everything",
    "undecided",
    "many",
    "added",
    "removed",
    "replaced",
    "approved",
    "drift",
    "binding",
    "promoted",
    "long",
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a realistic change."""
    folder = tmp_path_factory.mktemp("report")
    file = folder / "review.html"
    file.write_text(html.render(example(folder)), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of each kind, by its name."""
    folder = tmp_path_factory.mktemp("pages")
    made = reports(folder)
    assert list(made) == KINDS
    for kind, of_kind in made.items():
        (folder / f"{kind}.html").write_text(html.render(of_kind), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def axe() -> str:
    node.install()
    return AXE.read_text(encoding="utf-8")


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_it_complains_of_nothing_and_fits(chromium: Browser, report: Path, width: int, dark: bool) -> None:
    heard: list[str] = []

    def note(message: ConsoleMessage) -> None:
        heard.append(message.text)

    with opened(chromium, report, width=width, dark=dark) as page:
        page.on("console", note)
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("request", lambda request: heard.append(request.url))
        page.reload()
        assert heard == [report.as_uri()]
        assert overflow(page) == 0


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_page_fits_and_is_accessible(
    chromium: Browser, pages: Path, axe: str, kind: str, width: int, dark: bool
) -> None:
    with opened(chromium, pages / f"{kind}.html", width=width, dark=dark) as page:
        assert overflow(page) == 0
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        assert overflow(page) == 0
        page.evaluate(axe)  # past the page's own security policy, which refuses a script element
        found: dict[str, Any] = page.evaluate("axe.run()")
    assert "color-contrast" in {rule["id"] for rule in found["passes"]}
    violations = [
        (rule["id"], node["target"], node["failureSummary"])
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
    assert violations == []


def test_only_policies_with_errors_are_unfolded(chromium: Browser, pages: Path) -> None:
    for kind, count in (("errors", 2), ("removed", 1), ("added", 0), ("approved", 0), ("many", 12)):
        with opened(chromium, pages / f"{kind}.html", width=1_440) as page:
            assert page.locator("details.policy[open]").count() == count
            assert page.locator("details.policy[open].is-error").count() == count


def test_a_link_from_outside_unfolds_its_policy(chromium: Browser, pages: Path) -> None:
    with opened(chromium, pages / "added.html", width=1_440) as page:
        page.goto(f"{(pages / 'added.html').as_uri()}#p2")
        page.reload()
        assert page.locator("details.policy[open]").count() == 1
        assert page.locator("details.policy[open] .body").get_attribute("id") == "p2"


def test_policies_fold_and_unfold_by_mouse_by_keyboard_and_all_at_once(
    chromium: Browser, report: Path
) -> None:
    with opened(chromium, report, width=1_440) as page:
        policies = page.locator("details.policy")
        assert policies.count() == 2
        summary, body = policies.first.locator("> summary"), policies.first.locator("> .body")
        assert body.is_visible()
        summary.click()
        assert not body.is_visible()
        summary.focus()
        page.keyboard.press("Enter")
        assert body.is_visible()
        page.get_by_role("button", name="Fold all", exact=True).click()
        assert page.locator("details.policy[open]").count() == 0
        page.get_by_role("button", name="Unfold all").click()
        assert page.locator("details.policy[open]").count() == 2


def test_a_link_of_the_summary_unfolds_its_policy(chromium: Browser, report: Path) -> None:
    with opened(chromium, report, width=390) as page:
        page.get_by_role("button", name="Fold all", exact=True).click()
        page.locator(".summary a").last.click()
        page.wait_for_function("document.querySelectorAll('details.policy[open]').length === 1")
        assert page.locator("details.policy[open] > summary h3").inner_text() in (
            "~ alicloud_hbr_policy.daily",
            "~ alicloud_ram_policy.reader",
        )


def test_the_first_key_leads_past_the_verdict_and_the_focus_can_be_seen(
    chromium: Browser, report: Path
) -> None:
    with opened(chromium, report, width=1_440) as page:
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        assert focused.inner_text() == "Skip to the policies"
        box = focused.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert focused.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"


def test_without_scripts_everything_can_be_read(chromium: Browser, report: Path) -> None:
    with opened(chromium, report, width=390, script=False) as page:
        assert page.locator("details.policy[open]").count() == 2
        assert not page.locator(".tools").is_visible()
        page.locator("details.policy > summary").first.click()
        assert page.locator("details.policy[open]").count() == 1


def test_printed_it_is_unfolded_and_light(chromium: Browser, report: Path) -> None:
    with opened(chromium, report, width=1_440, dark=True) as page:
        page.get_by_role("button", name="Fold all", exact=True).click()
        page.emulate_media(media="print", color_scheme="dark")
        assert page.locator("details.policy > .body").first.is_visible()
        assert not page.locator(".tools").is_visible()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        # In browsers that do not show what is folded, it is unfolded for as long as it takes.
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.locator("details:not([open])").count() == 0
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.locator("details.policy[open]").count() == 0
