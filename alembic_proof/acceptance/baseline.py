"""A beginning: today's findings, written into pyproject.toml as accepted. Appends text and changes nothing that stands there."""

import json
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from alembic_proof.acceptance.reading import HEADER
from alembic_proof.errors import ProofError
from alembic_proof.findings import Finding, Severity

REASON = "before adoption"

_KEYS = ("check", "revision", "object", "reason")


def write_baseline(pyproject: Path, findings: Iterable[Finding]) -> int:
    """Append an acceptance for each finding but notes; several databases share one. Return how many were written.

    Raises:
        ProofError: the file cannot be read or written, or holds its acceptances in a form that cannot be appended to.

    """
    entries = list(dict.fromkeys(_entry(finding) for finding in findings if finding.severity is not Severity.NOTE))
    if not entries:
        return 0
    try:
        before = pyproject.read_bytes().decode() if pyproject.is_file() else ""
        after = _appended(before, [_table(*entry) for entry in entries])
        _require_all_kept(before, after, len(entries), pyproject)
        pyproject.write_bytes(after.encode())
    except (OSError, UnicodeDecodeError) as error:
        raise ProofError(f"Cannot write {pyproject}: {error}. Make it a text file that can be written.") from error
    return len(entries)


def _entry(finding: Finding) -> tuple[str, str | None, str | None, str]:
    return finding.check, finding.revision, finding.object, REASON


def _table(*values: str | None) -> str:
    lines = (f"{key} = {_quoted(value)}" for key, value in zip(_KEYS, values, strict=True) if value is not None)
    return "\n".join((HEADER, *lines, ""))


def _quoted(value: str) -> str:
    """Write a TOML string: JSON's, but for the one control character that JSON leaves as it is."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _appended(text: str, tables: list[str]) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    separator = "" if not text else newline if text.endswith("\n") else newline * 2
    return text + separator + "\n".join(tables).replace("\n", newline)


def _require_all_kept(before: str, after: str, number: int, pyproject: Path) -> None:
    """Refuse to write what TOML would read otherwise: a table that is written inline cannot be added to."""
    try:
        old, new = _with_list(tomllib.loads(before)), _with_list(tomllib.loads(after))
    except tomllib.TOMLDecodeError as error:
        raise ProofError(f"Cannot add to {pyproject}: {error}. Write what is accepted as {HEADER} tables.") from error
    del new["tool"]["alembic_proof"]["accept"][-number:]
    assert new == old, "text at the end of the file adds tables and changes nothing"


def _with_list(document: dict[str, Any]) -> dict[str, Any]:
    """The document with the list of acceptances, empty where there is none."""
    document.setdefault("tool", {}).setdefault("alembic_proof", {}).setdefault("accept", [])
    return document
