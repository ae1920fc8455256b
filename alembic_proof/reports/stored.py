"""A report that was written with --format json, read again."""

from pathlib import Path

import msgspec

from alembic_proof.errors import ProofError
from alembic_proof.reports.report import SCHEMA_VERSION, Report


def read_report(path: Path) -> Report:
    """Read a report.

    Raises:
        ProofError: there is none, or not of a form that this version writes.

    """
    try:
        report = msgspec.json.decode(path.read_bytes(), type=Report)
    except OSError as error:
        raise ProofError(f"Cannot read {path}: {error.strerror}. Write it with --format json={path}") from error
    except msgspec.DecodeError as error:
        raise ProofError(f"Cannot read {path}: it is no report ({error}). Write it with --format json={path}") from error
    if report.schema_version != SCHEMA_VERSION:
        raise ProofError(
            f"Cannot read {path}: its form is {report.schema_version}, and this version reads {SCHEMA_VERSION}. Write it again."
        )
    return report
