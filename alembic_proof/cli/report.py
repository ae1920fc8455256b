"""`alembic-proof report merge`."""

from pathlib import Path
from typing import Annotated

import typer

from alembic_proof.cli.delivery import deliver, end_with
from alembic_proof.cli.layout import Group
from alembic_proof.cli.options import Formats, Strict
from alembic_proof.cli.terminal import App, app

report = App(cls=Group, help="Work on reports that were written with --format json.", no_args_is_help=True)
app.add_typer(report, name="report")


@report.callback()
def _report() -> None:
    """Work on reports that were written with --format json."""


@report.command()
def merge(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Reports, each written with --format json=FILE.")],
    *,
    formats: Formats = None,
    strict: Strict = False,
) -> None:
    """Join the reports of `verify --shard 1/8` to `8/8` into one, in every format, with the exit status of the whole.

    A part that is missing is an error: what it would have found is not proved.
    """
    from alembic_proof.acceptance.unused import with_unused
    from alembic_proof.reports.formats import parse_outputs
    from alembic_proof.reports.merge import merge_reports, require_all_shards, without_shard
    from alembic_proof.reports.stored import read_report

    outputs = parse_outputs(formats or [])
    reports = [read_report(file) for file in files]
    require_all_shards(reports)
    merged = with_unused(without_shard(merge_reports(reports)))
    deliver(merged, outputs, Path.cwd())
    end_with(merged, strict=strict)
