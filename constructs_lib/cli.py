"""The `alipolicy` command."""

from __future__ import annotations

from pathlib import Path

import click


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
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
    """Run the app of ./cdktf.json and show what it makes.

    Writes what `cdktf synth` writes, without the CDKTF CLI. Where the app fails, the files that were there
    stay as they were.
    """
    # Imported here: no other command needs it.
    from constructs_lib.cdk import synthesis

    try:
        project = synthesis.Project.read(Path.cwd())
        result = synthesis.synthesize(project, output)
    except synthesis.SynthesisError as error:
        raise click.ClickException(str(error)) from None
    synthesis.show(result)
