"""Whatever strings a file holds, nothing of them runs in a browser, or becomes an element."""

from __future__ import annotations

from pathlib import Path

import pytest

from constructs_lib.findings import printable
from constructs_lib.review.render import html
from tests.e2e.browser import browser, opened
from tests.review.configurations import allow, backup_policy, backup_rule, configuration, ram_policy, reviewed
from tests.review.test_hostile_strings import (
    STRINGS,
    check_neighbours,
    check_plan,
    check_stacks,
    check_versions,
    squeezed,
)

# What only a string of a file would make.
FOREIGN = (
    "img, iframe, object, embed, link, base, form, input, b, video, audio, [onclick], [onload], [onerror]"
)


@pytest.mark.parametrize("string", STRINGS.values(), ids=STRINGS.keys())
def test_whatever_else_a_file_names(tmp_path: Path, string: str) -> None:
    for check in (check_versions, check_stacks, check_neighbours, check_plan):
        (tmp_path / check.__name__).mkdir()
        check(tmp_path / check.__name__, string)


def test_a_browser_shows_every_string_and_runs_none(tmp_path: Path) -> None:
    def side(days: int) -> dict[str, object]:
        content = configuration()
        for number, string in enumerate(STRINGS.values()):
            own = {"//": {"alipolicy": {"source": string, "acknowledge": {"BP202": string}}}}
            body = ram_policy(allow(string, f"{string}{days}"), policy_name=string, **own)
            content["resource"].setdefault("alicloud_ram_policy", {})[f"{string}{number}"] = body
            rules = backup_rule(vault_id=string, retention=days)
            content["resource"].setdefault("alicloud_hbr_policy", {})[string] = backup_policy(rules, **own)
        return content

    file = tmp_path / "review.html"
    file.write_text(html.render(reviewed(tmp_path, side(7), side(30))), "utf-8")
    heard: list[str] = []
    with browser() as chromium, opened(chromium, file, width=1_440) as page:
        page.on("dialog", lambda dialog: heard.append(dialog.message))
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("request", lambda request: heard.append(request.url))
        page.reload()
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        assert heard == [file.as_uri()]
        assert page.locator(FOREIGN).count() == 0
        assert page.locator("script").count() == page.locator("style").count() == 1
        assert page.locator("a:not([href^='#'])").count() == 0
        shown = squeezed(page.evaluate("document.body.textContent"))
        for name, string in STRINGS.items():
            assert squeezed(printable(string)[:150]) in shown, name
