"""The offline SQL matches.

`alembic upgrade --sql` writes the script that a database administrator runs. Every revision is rendered without a database; the
SQL is run on an empty one, and the schema is compared with the one that the migrations leave. A revision that reads the
database cannot be rendered. When it has to, let it say so: raise a clear error under `context.is_offline_mode()`, and it is
shown as not proved with those words, as a batch operation is that has to reflect its table. Of several revisions that cannot be
rendered the first is told: the script ends there. A project whose env.py has no offline mode is not proved as a whole.
"""

from collections.abc import Iterator, Sequence

from alembic_proof.checks.places import at_upgrade, shown_failure
from alembic_proof.evidence import DatabaseEvidence, Evidence, OfflineStep
from alembic_proof.findings import Finding, Judgement, Rule, Subject
from alembic_proof.history import Revision
from alembic_proof.schema.sentences import describe, line

RULE = Rule(
    module=__name__,
    code="AP305",
    effect="`alembic upgrade --sql` is no way to deploy this revision: the script is missing or differs.",
)
NEEDS = frozenset({"walk", "offline"})


def judge(evidence: Evidence) -> Iterator[Judgement]:
    for database in evidence.databases:
        offline = database.offline
        if offline is None:
            continue
        if offline.unavailable is not None:
            yield RULE.not_proved(Subject(database=database.name), offline.unavailable)
        unrendered = [step.revision for step in offline.steps if step.rendering]
        stopped_by = next((step.revision for step in offline.steps if step.replay or step.differences), None)
        for step in offline.steps:
            if step.revision in evidence.chosen:
                yield from _judge_step(database, evidence.history[step.revision], step, stopped_by, unrendered)


def _judge_step(
    database: DatabaseEvidence, revision: Revision, step: OfflineStep, stopped_by: str | None, unrendered: Sequence[str]
) -> Iterator[Judgement]:
    """Judge one revision. The script ends at the first that cannot be rendered: that one is told, with all like it above."""
    where = at_upgrade(database, revision)
    if step.declared is not None:
        yield RULE.not_proved(where, f"declared online-only. {step.declared}")
    elif step.rendering is not None and step.revision != unrendered[0]:
        yield RULE.not_proved(where, f"it could not be rendered as SQL either; {unrendered[0]} is the first")
    elif step.rendering is not None or step.replay is not None:
        yield _failed(database, revision, step, above=unrendered[1:])
    elif step.differences:
        for difference in step.differences:
            yield RULE.finding(
                where,
                object=difference.key.full_name,
                what=describe(difference, expected="after the upgrade", actual="after its SQL was run"),
                seen=line(difference),
                fix=f"in {revision.file}, let upgrade() do the same under --sql: decide nothing by what is in the database",
            )
    elif step.differences is None:
        why = f"{stopped_by} below it stops the script" if stopped_by else "the migrations did not reach the top"
        yield RULE.not_proved(where, f"rendered as SQL, and not run: {why}")
    else:
        yield RULE.proved(where)


def _failed(database: DatabaseEvidence, revision: Revision, step: OfflineStep, above: Sequence[str]) -> Finding:
    failure = step.rendering or step.replay
    assert failure is not None, "called for a failure alone"
    what = "could not be rendered as SQL" if step.rendering else "was rendered as SQL that failed on an empty database"
    more = "one revision" if len(above) == 1 else f"{len(above)} revisions"
    also = (f"{more} above it could not be rendered either",) if step.rendering and above else ()
    return RULE.finding(
        at_upgrade(database, revision, failure.line),
        object=revision.id,
        what=f"The upgrade {what}: {failure.words.splitlines()[0]}",
        seen=(*shown_failure(failure), *also),
        fix="in upgrade(), first lines:\n"
        "from alembic import context\n"
        "if context.is_offline_mode():\n"
        f'    raise RuntimeError("{revision.id} reads the database: run it online")',
    )
