"""The `alipolicy` command."""

from __future__ import annotations

import errno
import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from constructs_lib.localcloud import LocalCloud


class Commands(click.Group):
    """The commands below, and `adopt` and `review`, which are imported only where they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), "adopt", "review"])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name == "adopt":
            from constructs_lib.adopt.command import adopt

            return adopt
        if cmd_name == "review":
            from constructs_lib.review.command import review

            return review
        return super().get_command(ctx, cmd_name)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="alipolicy")
def main() -> None:
    """Backup policies and RAM policy versions of Alibaba Cloud as infrastructure code."""


@main.command()
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the Terraform files go.  [default: `output` in cdktf.json, else cdktf.out]",
)
def synth(output: Path | None) -> None:
    """Run the app of ./cdktf.json and show what it creates.

    Writes what `cdktf synth` writes, without the CDKTF CLI. Where the app fails, the files that were there
    stay as they were.
    """
    # Imported here: no other command needs it.
    from constructs_lib.cdk import synthesis

    with _one_error(synthesis.SynthesisError):
        project = synthesis.Project.read(Path.cwd())
        synthesis.show(synthesis.synthesize(project, output))


@main.group()
def provider() -> None:
    """Install or remove our Terraform provider, for Terraform and OpenTofu."""


class Folder(click.Path):
    """The path of a folder, in printable characters: Terraform's configuration can name no other."""

    def __init__(self) -> None:
        super().__init__(file_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not str(value).isprintable():
            self.fail(f"{str(value)!r} is not a path that a configuration file can name.", param, ctx)
        return super().convert(value, param, ctx)


MIRROR = click.option(
    "--mirror",
    type=Folder(),
    help="The folder that Terraform installs the provider from.  [default: ~/.local/share/alipolicy/mirror]",
)


@provider.command("install")
@MIRROR
@click.option("--write", is_flag=True, help="Put the configuration into ~/.terraformrc (TF_CLI_CONFIG_FILE).")
def install_provider(mirror: Path | None, write: bool) -> None:
    """Put the provider where Terraform finds it, and show the CLI configuration that names it.

    The provider runs in the same Python as this command. With --write the configuration is merged into the
    file that Terraform and OpenTofu read: its other lines stay, and a copy of it is kept. Running it twice
    changes nothing.
    """
    from constructs_lib.provider import installation

    home = _home()
    mirror = (mirror or installation.default_mirror(os.environ, home)).absolute()
    with _one_error(installation.InstallationError, OSError):
        installation.check_requirements()
        installation.write_mirror(mirror)
        click.echo(f"alipolicy {installation.release()} is in {mirror}", err=True)
        if installation.looks_there_anyway(mirror, os.environ, home):
            click.echo("Terraform looks there by itself: no configuration is needed.", err=True)
        elif write:
            for file in installation.configuration_files(os.environ, home):
                changed = installation.write_configuration(file, mirror, os.environ, home)
                click.echo(f"{file} {'names it now' if changed else 'names it already'}", err=True)
        else:
            click.echo("Put this into ~/.terraformrc, or run again with --write:\n", err=True)
            click.echo(installation.block(mirror), nl=False)


@provider.command("uninstall")
@MIRROR
def uninstall_provider(mirror: Path | None) -> None:
    """Remove what `install` wrote: the provider, and its lines in the CLI configuration."""
    from constructs_lib.provider import installation

    home = _home()
    with _one_error(installation.InstallationError, OSError):
        mirrors = {(mirror or installation.default_mirror(os.environ, home)).absolute()}
        for file in installation.configuration_files(os.environ, home):
            if configured := installation.mirror_in(file):
                mirrors.add(configured)
            if installation.clean_configuration(file):
                click.echo(f"{file} no longer has our lines", err=True)
        for place in sorted(mirrors):
            removed = installation.remove_mirror(place)
            click.echo(f"alipolicy {'is no longer' if removed else 'is not'} in {place}", err=True)


DATABASE = click.option(
    "--database",
    type=click.Path(dir_okay=False),
    default=":memory:",
    show_default=True,
    help="A file that keeps the cloud's objects for the next time.",
)


@main.command("local-cloud")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=8790, show_default=True, help="0 takes any free port."
)
@DATABASE
@click.option("--faults", type=click.Path(), default=None, help="A JSON or TOML file of faults to inject.")
@click.option(
    "--access-key",
    envvar="ALIPOLICY_LOCAL_ACCESS_KEY",
    show_envvar=True,
    help="The only access key to accept; needs a secret.  [default: the database's, or a new one]",
)
@click.option(
    "--secret-key",
    envvar="ALIPOLICY_LOCAL_SECRET_KEY",
    show_envvar=True,
    help="The secret of --access-key: a throw-away one, never that of a real account. Other users of the "
    "machine can read it here; not in the environment, nor in a file.",
)
@click.option("--strict", is_flag=True, help="Refuse unknown parameters and fields of them.")
@click.option(
    "--secret-key-file", type=click.Path(dir_okay=False), help="The file whose first line is the secret."
)
def local_cloud(
    host: str,
    port: int,
    database: str,
    faults: str | None,
    access_key: str | None,
    secret_key: str | None,
    secret_key_file: str | None,
    strict: bool,
) -> None:
    """Serve Cloud Backup, KMS, RAM, STS and Resource Manager on this machine, until Ctrl-C.

    Prints the variables that point Terraform and SDKs in a shell to it; `alipolicy sandbox` needs none of
    them.
    """
    with _one_error(ModuleNotFoundError, OSError, ValueError):
        from constructs_lib.localcloud import serve

        if secret_key_file:
            secret_key = Path(secret_key_file).read_text("utf-8").partition("\n")[0].rstrip("\r")
        keys = {"access_key": access_key, "secret_key": secret_key}
        serve(host, port, database, faults or (), announce=_announce, strict=strict, **keys)


def _announce(cloud: LocalCloud) -> None:
    from constructs_lib.localcloud import sandbox

    click.echo(f"The local cloud is at {cloud.url} (account {cloud.account_id}). Ctrl-C ends it.", err=True)
    if cloud.is_exposed:
        click.echo("Warning: other machines can reach it, without encryption.", err=True)
    click.echo("To use it in another shell:\n", err=True)
    for name, value in sandbox.variables(cloud).items():
        click.echo(f"export {name}={shlex.quote(value)}")


@main.command("sandbox", context_settings={"allow_interspersed_args": False})
@DATABASE
@click.option(
    "--policies",
    default="OSS-Administrator,OSS-Report-Reader",
    show_default=True,
    help="Names of RAM policies that exist from the start, separated by commas.",
)
@click.option(
    "--roles",
    default="report-reader",
    show_default=True,
    help="Names of RAM roles that exist from the start, separated by commas.",
)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run_in_sandbox(database: str, policies: str, roles: str, command: tuple[str, ...]) -> None:
    """Run a command against a local cloud of its own: alipolicy sandbox -- terraform apply

    The command's environment, and no other, names the provider, the endpoints and throw-away keys, and holds
    no variable of a real account. Without --database, everything that was created is lost at the end. The
    exit status is that of the command.
    """
    with _one_error(ModuleNotFoundError, OSError):
        from constructs_lib.localcloud import sandbox
        from constructs_lib.provider import installation

    home = _home()
    with _one_error(sandbox.SandboxError, installation.InstallationError, OSError):
        installation.check_requirements()
        with sandbox.Sandbox(database, policies=_names(policies), roles=_names(roles)) as box:
            terraform = installation.sandbox_variables(box.folder, os.environ, home)
            status = sandbox.run(command, box.environment(os.environ) | terraform)
    sys.exit(status)


def _names(listed: str) -> list[str]:
    """The names in a list with commas."""
    return [name.strip() for name in listed.split(",") if name.strip()]


def _home() -> Path:
    """The user's home folder, where Terraform's own files are."""
    try:
        return Path.home()
    except RuntimeError:  # a user without an entry in the system's list, as in some containers
        raise click.ClickException("there is no home folder: set HOME") from None


@contextmanager
def _one_error(*kinds: type[Exception]) -> Iterator[None]:
    """These exceptions as one line on stderr; their `status`, if they have one, as the exit status."""
    try:
        yield
    except kinds as error:
        message = str(error)
        if isinstance(error, ModuleNotFoundError):
            message = f"{error.name} is not installed: pip install 'alipolicy[local-cloud,provider]'"
        elif isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            message = f"{error.strerror}; choose another --port, or 0 for any free one"
        click.ClickException(message).show()
        sys.exit(getattr(error, "status", 1))
