"""Every acceptance of a project: those in the revisions' files, and those of `[[tool.alembic_proof.accept]]`."""

import re
from collections.abc import Iterator

from alembic_proof.acceptance.comments import accepted_in
from alembic_proof.checks.registry import is_of_drift, slug_of
from alembic_proof.config import Accept
from alembic_proof.errors import ProofError
from alembic_proof.findings import Acceptance
from alembic_proof.history import History
from alembic_proof.project import Project

HEADER = "[[tool.alembic_proof.accept]]"

_HEADER_LINE = re.compile(r"^[ \t]*\[\[\s*tool\s*\.\s*alembic_proof\s*\.\s*accept\s*\]\]", re.MULTILINE)


def read_acceptances(project: Project, history: History) -> tuple[Acceptance, ...]:
    """Read what a project accepts: the revisions' own comments first, in the order of the history.

    Raises:
        ProofError: one of them has no reason, names no such check, or names neither a revision nor an object.

    """
    return (
        *(
            acceptance
            for revision in history.revisions
            for acceptance in accepted_in(project.root / revision.file, revision=revision.id, file=revision.file)
        ),
        *_of_settings(project),
    )


def _of_settings(project: Project) -> Iterator[Acceptance]:
    if not project.settings.accept:
        return
    file = project.shown(project.pyproject)
    text = project.pyproject.read_text(encoding="utf-8")
    lines: list[int | None] = [text.count("\n", 0, found.start()) + 1 for found in _HEADER_LINE.finditer(text)]
    if len(lines) != len(project.settings.accept):  # written in another of TOML's forms: tables without lines of their own
        lines = [None] * len(project.settings.accept)
    for accept, line in zip(project.settings.accept, lines, strict=True):
        yield _checked(accept, file, line)


def _checked(accept: Accept, file: str, line: int | None) -> Acceptance:
    where = file if line is None else f"{file}:{line}"
    if accept.reason is None or not accept.reason.strip():
        raise ProofError(f'Cannot accept {accept.check} in {where}: it gives no reason. Add reason = "..." to the table.')
    if accept.revision is None and accept.object is None:
        raise ProofError(
            f"Cannot accept {accept.check} in {where}: it names neither a revision nor an object. "
            "Add one; how much a whole check weighs is said in [tool.alembic_proof.severity]."
        )
    try:
        check = slug_of(accept.check)
    except ProofError as error:
        raise ProofError(f"Cannot accept {accept.check} in {where}: {error}") from error
    if is_of_drift(check) and accept.revision is not None:
        raise ProofError(
            f"Cannot accept {accept.check} in {where}: what a live database has belongs to no revision. "
            "Name the object, without a revision."
        )
    return Acceptance(
        check=check,
        revision=accept.revision,
        object=accept.object,
        reason=accept.reason.strip(),
        until=accept.until,
        file=file,
        line=line,
    )
