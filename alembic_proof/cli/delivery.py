"""Where the formats of a report go: files, standard output, and what a CI system keeps beside them."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from alembic_proof.cli.screen import BROKEN, echo, is_terminal

if TYPE_CHECKING:
    from alembic_proof.again import Again
    from alembic_proof.reports.formats import Output
    from alembic_proof.reports.report import Report


def deliver(report: "Report", outputs: Sequence["Output"], root: Path) -> None:
    """Print and write every format; with `github` among them the step summary too, where GitHub names its file.

    Raises:
        ProofError: a file cannot be written.

    """
    from alembic_proof.reports import text
    from alembic_proof.reports.formats import append_summary, folder_in

    folder = folder_in(os.environ.get("GITHUB_WORKSPACE") or os.environ.get("CI_PROJECT_DIR"), root)
    for output in outputs:
        if output.file is not None:
            output.write(report, folder)
        elif output.name == "text" and is_terminal():
            echo(text.render(report, color=True))
        else:
            echo(output.render(report, folder))
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary and any(output.name == "github" for output in outputs):
        append_summary(report, Path(summary))


def was_told_again(again: "Again | None", outputs: Sequence["Output"], *, strict: bool) -> bool:
    """Deliver the report of an equal run, where there is one."""
    report = again.report() if again is not None else None
    if again is None or report is None:
        return False
    deliver(report, outputs, again.root)
    end_with(report, strict=strict)
    return True


def end_with(report: "Report", *, strict: bool) -> None:
    """End with status 1 where something is broken; where it is `strict`, also where anything is not proved or not found."""
    from alembic_proof.findings import Outcome

    if report.errors or (strict and (report.count(Outcome.NOT_PROVED) or report.unused_acceptances)):
        sys.exit(BROKEN)
