"""The database matches its history.

The revision that the version table names is reached on a scratch database, by running the migrations, and the two schemas are
compared object by object. What is there only, what the history has only, what differs: somebody changed the database by hand, a
migration failed half-way on MariaDB, or a revision was edited after it ran here. The next migration that touches the object
stops, or does something else than in every test. Bring the database back (`--sql` writes the statements), or write the revision
that should have made the change and stamp it here.
"""

from collections.abc import Iterator

from alembic_proof.checks.settling import settled_together
from alembic_proof.experiments.drift import Drift
from alembic_proof.findings import Finding, Judgement, Rule, Severity, Subject
from alembic_proof.schema.diff import Change, Difference
from alembic_proof.schema.sentences import describe, line

RULE = Rule(module=__name__, code="AP902", effect="A migration that was proved does something else on this database.")


def judge(drift: Drift) -> Iterator[Judgement]:
    where = Subject(database=drift.name)
    if drift.differences is None:
        yield RULE.not_proved(where, "the version table names no revision of the history")
        return
    weighty = [difference for difference in drift.differences if not is_foreign(difference, drift)]
    foreign = [difference for difference in drift.differences if is_foreign(difference, drift)]
    revision = " and ".join(drift.compared_at) or "the base"
    for difference, fix in settled_together(weighty, drift.kind, lambda code: f"in a revision, to bring it back:\n{code}"):
        yield _finding(drift, difference, revision, fix)
    if foreign:
        yield RULE.finding(
            where,
            what=f"The database held {len(foreign)} objects in schemas that the history does not touch.",
            effect="They are somebody else's.",
            seen=[told for difference in foreign for told in line(difference)],
            fix="",
            severity=Severity.NOTE,
        )
    if not weighty:
        yield RULE.proved(where)


def is_foreign(difference: Difference, drift: Drift) -> bool:
    """Say whether an object lies in a schema of which the history knows nothing: another application's.

    So does what a database was made with, on MariaDB its collation: the replay's was made by us.
    """
    key = difference.key
    if key.kind == "database":
        return True
    schema = key.name if key.kind == "schema" else key.schema
    return difference.change is Change.EXTRA and schema not in drift.own_schemas and (key.kind == "schema" or schema is not None)


def _finding(drift: Drift, difference: Difference, revision: str, fix: str) -> Finding:
    is_comment = difference.changed_properties() == ("comment",)
    return RULE.finding(
        Subject(database=drift.name),
        object=difference.key.full_name,
        what=describe(difference, expected=f"at {revision}", actual="in the database"),
        seen=line(difference),
        fix=fix,
        severity=Severity.WARNING if is_comment else None,
    )
