"""The upgrade reaches the head.

`alembic upgrade heads` runs once exactly as a deployment runs it, and the version table is read from the outside. An env.py
that catches an exception and goes on, or that never commits, exits with status 0 and leaves the database where it was: the
deployment is green, and the new code meets the old schema. Any statement that env.py executes before `context.configure()`
begins a transaction, which Alembic takes for its caller's and does not commit. Let env.py raise what went wrong, end what it
began, and leave the rest to `context.begin_transaction()`.
"""

from collections.abc import Iterator

from alembic_proof.checks.places import shown_failure
from alembic_proof.evidence import DatabaseEvidence, Deployment, Evidence
from alembic_proof.findings import Direction, Finding, Judgement, Rule, Subject

RULE = Rule(module=__name__, code="AP307", effect="The deployment exits with status 0, and the new code meets the old schema.")
NEEDS = frozenset({"walk", "deploy"})


def judge(evidence: Evidence) -> Iterator[Judgement]:
    for database in evidence.databases:
        deployment = database.deployment
        if deployment is None:
            continue
        expected = tuple(sorted(evidence.history.real_heads))
        where = Subject(database=database.name)
        if deployment.error is None and deployment.recorded == expected:
            yield RULE.proved(where)
        elif deployment.error is not None and _walk_failed_too(database):
            yield RULE.not_proved(where, f"the upgrade failed: {deployment.error.words.splitlines()[0]}")
        else:
            yield _finding(evidence, database, deployment, expected)


def _walk_failed_too(database: DatabaseEvidence) -> bool:
    """Say whether single steps failed as well: then the failure is theirs, and told there."""
    return any(step.upgrade is not None for step in database.steps)


def _finding(evidence: Evidence, database: DatabaseEvidence, deployment: Deployment, expected: tuple[str, ...]) -> Finding:
    failure = deployment.error or deployment.swallowed
    ending = "ended without an error" if deployment.error is None else f"failed ({deployment.error.words.splitlines()[0]})"
    revision = None if deployment.failed_revision is None else evidence.history[deployment.failed_revision]
    return RULE.finding(
        Subject(
            database=database.name,
            revision=deployment.failed_revision,
            direction=Direction.UPGRADE,
            file=deployment.env_py if revision is None or deployment.swallowed else revision.file,
        ),
        object=deployment.version_table,
        what=f"`alembic upgrade heads` {ending}, and {_recorded(deployment)}; {_heads(expected)}.",
        effect=None if deployment.error is None else _effect(deployment, expected),
        seen=() if failure is None else shown_failure(failure),
        fix=_fix(deployment, expected),
    )


def _effect(deployment: Deployment, expected: tuple[str, ...]) -> str:
    if deployment.recorded == expected:
        return "The deployment counts as failed, although the database has every revision."
    return "The deployment stops here, although each revision runs by itself."


def _recorded(deployment: Deployment) -> str:
    if deployment.recorded is None:
        return f"there was no table {deployment.version_table}"
    named = f"named {', '.join(deployment.recorded)}" if deployment.recorded else "had no row"
    return f"{deployment.version_table} {named}"


def _heads(expected: tuple[str, ...]) -> str:
    return f"the head was {expected[0]}" if len(expected) == 1 else f"the heads were {' and '.join(expected)}"


def _fix(deployment: Deployment, expected: tuple[str, ...]) -> str:
    if deployment.swallowed is not None:
        return f"in {deployment.env_py}, last line of the except block around context.run_migrations():  raise"
    if deployment.error is not None and deployment.recorded == expected:
        return f"correct {deployment.env_py}: it raised when all revisions had run"
    if deployment.error is not None:
        return (
            f"in {deployment.env_py}, so that each revision commits before the next:  "
            "context.configure(..., transaction_per_migration=True)"
        )
    return (
        f"in {deployment.env_py}, in this order:\n"
        "connection.commit()  # ends what an earlier statement began\n"
        "context.configure(connection=connection, ...)\n"
        "with context.begin_transaction():\n"
        "    context.run_migrations()"
    )
