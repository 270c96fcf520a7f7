"""Headless Chromium for the HTML report, and the pictures of it that the README shows.

    python -m tests.e2e.browser docs/guides

The browser is Debian's; where it is missing and this is root on Debian, it is installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from functools import cache
from pathlib import Path

from playwright.sync_api import Browser, FloatRect, Locator, Page, sync_playwright

from constructs_lib.review.loading.files import read_input
from constructs_lib.review.report import Report
from constructs_lib.review.reviewing import review
from tests.e2e import node
from tests.review import example as review_example
from tests.review.configurations import (
    AT,
    allow,
    backup_policy,
    backup_rule,
    cdktf_out,
    changed,
    configuration,
    only,
    ram_policy,
    realistic,
    reviewed,
    transition,
)

DATA = review_example.ROOT / "tests" / "data" / "review"
# A word without a place to break it.
LONG = "a" * 300
AXE = node.MODULES / "axe-core" / "axe.min.js"
_NAMES = ("chromium", "chromium-browser", "google-chrome")
# A closed network: nothing in the background may look for one.
_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
# Of the pictures, in pixels.
_WIDTH = 1_200
_MARGIN = 16


# ------------------------------------------------------------ the browser


@cache
def chromium() -> str:
    """The path of a Chromium; installs Debian's, or says what to do."""
    if found := _found():
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        variables = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["apt-get", "update", "-qq"],
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"],
        ):
            done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=600)
            if done.returncode:
                raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
        if found := _found():
            return found
    raise RuntimeError(
        "The tests of the HTML report need Chromium, and there is none on PATH. "
        "On Debian, as root: apt-get install chromium"
    )


def _found() -> str | None:
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium with a profile of its own."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium(), args=list(_FLAGS), chromium_sandbox=os.geteuid() != 0
        )
        try:
            yield started
        finally:
            started.close()


@contextmanager
def opened(
    browser: Browser, file: Path, *, width: int, dark: bool = False, script: bool = True
) -> Iterator[Page]:
    """A page in a window of this width, cut off from every network."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        java_script_enabled=script,
        reduced_motion="reduce",
        offline=True,
    )
    try:
        page = context.new_page()
        page.goto(file.as_uri())
        yield page
    finally:
        context.close()


# ------------------------------------------------------------ a realistic change


def example(folder: Path) -> Report:
    """The review of a change that makes recovery worse and access wider, made in this folder."""
    with chdir(folder):
        for side in ("main", "cdktf.out"):
            backups, access = realistic(is_new=side == "cdktf.out")
            cdktf_out(Path(side), backups=backups, access=access)
        return review(read_input(Path("cdktf.out"), Path("main")), at=AT)


def reports(folder: Path) -> dict[str, Report]:
    """A report of each kind that a page can be of."""

    def of_data(name: str) -> Report:
        return review(read_input(DATA / name), at=AT)

    shorter, longer = (
        backup_policy(backup_rule(), transition(7)),
        backup_policy(backup_rule(), transition(30)),
    )
    one, none = configuration(hbr__daily=longer, ram__reader=ram_policy(allow("oss:Get*"))), configuration()
    renamed = configuration(hbr__nightly=longer, ram__reader=ram_policy(allow("oss:Get*"), policy_name="r"))
    everything = configuration(hbr__daily=shorter, ram__reader=ram_policy(allow("*")))
    unknown = configuration(
        hbr__daily=backup_policy(backup_rule(), transition("${var.days}")),
        ram__reader=ram_policy(policy_document="${data.http.document.body}"),
    )
    long = configuration(
        hbr__daily=backup_policy(backup_rule(retention=7, vault_id=LONG), policy_name=LONG),
        **{f"ram__{LONG}": ram_policy(allow(f"oss:{LONG}", f"acs:oss:*:*:{LONG}"), policy_name=LONG)},
    )
    delta = only(reviewed(folder, configuration(hbr__a=shorter), configuration(hbr__a=longer))).delta
    return {
        "empty": reviewed(folder, none, none),
        "unchanged": reviewed(folder, one, one),
        "errors": example(folder),
        "everything": reviewed(folder, everything, one),
        "undecided": reviewed(folder, unknown, one),
        "many": reviewed(folder, changed(15, is_new=True), changed(15, is_new=False)),
        "added": reviewed(folder, one, none),
        "removed": reviewed(folder, none, one),
        "replaced": reviewed(folder, renamed, one),
        "approved": reviewed(
            folder, configuration(hbr__a=shorter), configuration(hbr__a=longer), approve=[delta]
        ),
        "drift": of_data("plan-drift.json"),
        "binding": of_data("binding-destroyed.json"),
        "promoted": of_data("version-promoted.json"),
        "long": reviewed(folder, long, none),
    }


def main(folder: Path) -> None:
    """Write the pictures of the README, of what `make review` shows: the verdict down to the first edit, and
    what becomes of the recovery points of a policy."""
    with tempfile.TemporaryDirectory() as created, browser() as started:
        review_example.main(f"{created}/cdktf.out")
        file = Path(created) / "cdktf.out" / "review.html"
        file.write_text(file.read_text("utf-8").replace(f"{created}/", ""), "utf-8")
        with opened(started, file, width=_WIDTH) as page:
            _picture(page, folder / "review.png", 0, _bottom(page.locator(".edits").first))
            policy = page.locator("details.policy", has_text="alicloud_hbr_policy.daily")
            top = _box(policy.get_by_role("heading", name="Backups"))["y"] - _MARGIN
            _picture(page, folder / "recovery.png", top, _bottom(policy.locator("table.narrow tr").nth(4)))


def _box(part: Locator) -> FloatRect:
    box = part.bounding_box()
    assert box is not None
    return box


def _bottom(part: Locator) -> float:
    return _box(part)["y"] + _box(part)["height"]


def _picture(page: Page, file: Path, top: float, bottom: float) -> None:
    """A picture of the page between two heights."""
    height = bottom + _MARGIN - top
    page.screenshot(path=file, clip={"x": 0, "y": top, "width": _WIDTH, "height": height}, full_page=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
