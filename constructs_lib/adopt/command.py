"""`alipolicy adopt`: writes a CDKTF app that imports what exists."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import click

from constructs_lib.adopt.adopting import Adoption, adopt_estate
from constructs_lib.adopt.app import AdoptedApp
from constructs_lib.adopt.estate import AdoptError, AdoptFinding, Estate, EstateKind
from constructs_lib.adopt.selection import Selector
from constructs_lib.findings import plural, printable

BAD_INPUT, INTERRUPTED = 2, 130
# How often long work says how far it is (seconds).
_OFTEN = 2.0


@click.command("adopt")
@click.argument("source", required=False, type=click.Path(path_type=Path))
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("adopted"),
    show_default=True,
    help="The folder of the app. One that an earlier run has written is added to.",
)
@click.option(
    "--target",
    type=click.Choice(["alipolicy", "alicloud"]),
    default="alipolicy",
    show_default=True,
    help="The provider that the app uses: ours, or the official one.",
)
@click.option(
    "--select",
    "selected",
    multiple=True,
    metavar="name=…|tag=…|type=…",
    help="Adopt only what fits: name=prod-*, tag=team=web, type=vault. Of several for the same, one has to.",
)
@click.option(
    "--versions", is_flag=True, help="Adopt the versions beside the default one, too, as staged ones."
)
@click.option("--region", help="Where to look for backups.  [default: as Terraform does]")
@click.option("--profile", help="A profile of the Alibaba Cloud CLI.  [default: as Terraform does]")
@click.option("--permissions", is_flag=True, help="Print the RAM document that reading an account needs.")
def adopt(
    source: Path | None,
    output: Path,
    target: str,
    selected: Sequence[str],
    versions: bool,
    region: str | None,
    profile: str | None,
    permissions: bool,
) -> None:
    """Write a CDKTF app for what exists: typed Python that imports it, and changes nothing.

    SOURCE is what `terraform show -json` prints of a state or a plan, or a JSON file of policy documents.
    Without it the account is read that the environment names, by calls that change nothing.

    Run it again, and it adds what is new; what is there stays as it is, whoever edited it.
    """
    try:
        if permissions:
            from constructs_lib.provider.permissions import permissions_to_read

            click.echo(permissions_to_read().to_json())
            return
        selector = Selector.parse(selected)
        app = AdoptedApp.read(output, target)
        estate = selector.choose(_read(source, selector.kinds, versions, region, profile))
        if app.is_new and not estate.objects:
            _tell_findings(estate.findings)
            raise AdoptError(
                f"nothing was found{' that fits --select' if selected else ''}, and no app written."
            )
        _tell(adopt_estate(app, estate), output)
    except AdoptError as error:
        _fail(str(error))
    except ModuleNotFoundError as error:
        _fail(f"{error.name} is not installed: pip install 'alipolicy[provider]'")
    except KeyboardInterrupt:
        click.echo("\nInterrupted: nothing was written.", err=True)
        sys.exit(INTERRUPTED)


def _fail(problem: str) -> None:
    click.echo(f"Error: {printable(problem)}", err=True)
    sys.exit(BAD_INPUT)


def _read(
    source: Path | None,
    kinds: frozenset[EstateKind],
    versions: bool,
    region: str | None,
    profile: str | None,
) -> Estate:
    if source is not None:
        from constructs_lib.adopt.files import read_file

        return read_file(source)
    from constructs_lib.adopt.account import read_account
    from constructs_lib.provider.cloud import Cloud
    from constructs_lib.provider.configuration import Configuration, ConfigurationError
    from constructs_lib.provider.errors import CloudError

    try:
        configuration = Configuration.read({"region": region, "profile": profile}, os.environ, Path.home())
        click.echo(f"Reading the account, and the backups in {configuration.region} …", err=True)
        return read_account(Cloud.of(configuration), kinds, _progress(), with_versions=versions)
    except (ConfigurationError, CloudError, RuntimeError) as error:  # RuntimeError: there is no home folder
        reasons = " ".join(str(error).splitlines())
        raise AdoptError(f"the account cannot be read. {reasons}") from None


def _progress() -> Callable[[str, int, int], None]:
    """Says how far long work is, every now and then."""
    told = time.monotonic()

    def track(what: str, done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told > _OFTEN:
            told = time.monotonic()
            click.echo(f"{done:,} of {total:,} {what} …", err=True)

    return track


def _tell_findings(findings: Iterable[AdoptFinding]) -> None:
    for finding in findings:
        click.echo(str(finding), err=True)


def _tell(adoption: Adoption, output: Path) -> None:
    _tell_findings(adoption.findings)
    counts = Counter(each.kind for each in adoption.new)
    listed = ", ".join(
        plural(counts[kind], kind.words, f"{kind.words[:-1]}ies" if kind.words.endswith("y") else None)
        for kind in EstateKind
        if counts[kind]
    )
    if not adoption.new:
        click.echo(f"{output}: nothing new.")
        return
    commented = sum(finding.code == "AD301" for finding in adoption.findings)
    besides = f" ({commented} only as comments)" if commented else ""
    click.echo(f"{output}: {listed}{besides}. Next: cd {output} && alipolicy synth")
