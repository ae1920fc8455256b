"""The released revisions are unchanged.

A revision that some database has run is history: whoever edits it changes what new databases get, and no database that exists.
What counts is the effect. An edit of comments, docstrings, form, annotations or imports is silent, and so is a mended
downgrade(). An edit of the code is an error where the schema that the revision leaves is another, or was not compared; it is a
warning where that is the same, for what it does to rows was not compared. Released is what stands in `alembic-proof.lock` (see
docs/gate.md), and for `alembic-proof gate` what stands on the base branch; without either this check has nothing to say. Write
the change into a revision of its own. After a change on purpose write the lock again: reviewers see it there.
"""

from collections.abc import Iterator, Sequence

from alembic_proof.evidence import DatabaseEvidence, Evidence
from alembic_proof.findings import Judgement, Rule, Severity, Subject
from alembic_proof.history import Revision
from alembic_proof.released import Released, ReleasedRevision

RULE = Rule(
    module=__name__,
    code="AP103",
    effect="Databases that ran it keep what it did then, new ones get what it does now, and later revisions meet both.",
)
NEEDS = frozenset({"released"})

_MOST_LINES = 20


def judge(evidence: Evidence) -> Iterator[Judgement]:
    released = evidence.released
    if released is None or not released.revisions:
        yield RULE.not_proved(Subject(), nothing_released(released))
        return
    for before in released.revisions:
        if before.id not in evidence.history.by_id or before.id not in released.now:
            continue  # AP104 tells of a file that is gone; one without its source has no code to compare
        yield _judged(evidence, released, before, evidence.history[before.id])


def nothing_released(released: Released | None) -> str:
    """Say why there is nothing to compare with."""
    if released is None:
        return "nothing says what is released: there is no alembic-proof.lock, and no base branch was compared"
    return f"{released.origin} had no revision in the folders that this project has now"


def _judged(evidence: Evidence, released: Released, before: ReleasedRevision, revision: Revision) -> Judgement:
    where = Subject(revision=revision.id, file=revision.file, line=revision.upgrade_line)
    is_same_code = before.code == released.now[before.id]
    compared = [database for database in evidence.databases if _schemas(database, released, before) is not None]
    differ = [database for database in compared if _differs(database, released, before)]
    fresh = [database for database in differ if not _differs_below(evidence, database, released, before)]
    if is_same_code and not differ:
        return RULE.proved(where)
    if is_same_code and not fresh:
        return RULE.not_proved(where, "a revision below it left another schema already")
    what = _what(evidence, released, before, compared, fresh)
    return RULE.finding(
        where,
        object=before.id,
        severity=Severity.WARNING if compared and not fresh else None,
        what=what,
        seen=tuple(_seen(released, before, fresh)),
        fix=_fix(released, before),
    )


def _schemas(database: DatabaseEvidence, released: Released, before: ReleasedRevision) -> tuple[str, str] | None:
    """The digests of the schema then and now, where one version of the database and of the reader made both."""
    now = next((step.schema for step in database.steps if step.revision == before.id), None)
    then = before.schemas.get(database.kind)
    if then is None or now is None or released.versions.get(database.kind) != database.server_version:
        return None
    return then, now


def _differs(database: DatabaseEvidence, released: Released, before: ReleasedRevision) -> bool:
    schemas = _schemas(database, released, before)
    return schemas is not None and schemas[0] != schemas[1]


def _differs_below(evidence: Evidence, database: DatabaseEvidence, released: Released, before: ReleasedRevision) -> bool:
    below = evidence.history.ancestors(before.id)
    return any(_differs(database, released, other) for other in released.revisions if other.id in below)


def _what(
    evidence: Evidence,
    released: Released,
    before: ReleasedRevision,
    compared: Sequence[DatabaseEvidence],
    fresh: Sequence[DatabaseEvidence],
) -> str:
    names = " and ".join(database.name for database in (fresh or compared))
    if before.code == released.now[before.id]:
        return (
            f"Released revision {before.id} left another schema on {names} than {released.origin} says, and its own code was "
            "the same: what it imports, or env.py, was changed."
        )
    changed = f"The code of released revision {before.id} was changed"
    if fresh:
        return f"{changed}, and it left another schema on {names}."
    if compared:
        return f"{changed}. The schema that it left on {names} was the same; what it does to rows was not compared."
    return f"{changed}. {_why_not_compared(evidence, released, before)}"


def _why_not_compared(evidence: Evidence, released: Released, before: ReleasedRevision) -> str:
    if not evidence.databases:
        return "No schema was compared: no database was used."
    for database in evidence.databases:
        version = released.versions.get(database.kind)
        if database.kind in before.schemas and version is not None and version != database.server_version:
            return (
                f"The schema was not compared: {released.origin} was written on {database.kind} {version}, "
                f"and this was {database.server_version}."
            )
    return f"The schema was not compared: {released.origin} has none to compare with."


def _seen(released: Released, before: ReleasedRevision, fresh: Sequence[DatabaseEvidence]) -> Iterator[str]:
    if before.code != released.now[before.id]:
        yield from before.changes[:_MOST_LINES]
        if len(before.changes) > _MOST_LINES:
            yield f"and {len(before.changes) - _MOST_LINES} more lines"
        if not before.changes:
            yield f"code    {before.code} in {released.origin}, {released.now[before.id]} in the file"
    for database in fresh:
        schemas = _schemas(database, released, before)
        if schemas is not None:
            yield f"schema  {schemas[0]} in {released.origin}, {schemas[1]} on {database.name} {database.server_version}"


def _fix(released: Released, before: ReleasedRevision) -> str:
    restored = f"restore {before.file} as it was released" if released.restore is None else f"{released.restore} -- {before.file}"
    lines = [restored, 'alembic revision -m "what was changed"    # and write the change there']
    if released.restore is None:
        lines.append("if it is meant, and no database has run it yet:  alembic-proof lock")
    return "\n".join(lines)
