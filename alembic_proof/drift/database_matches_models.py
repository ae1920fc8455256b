"""The database matches the models.

A database that stands at the head is compared with a twin that the models make by `create_all()`, as `verify` compares the
migrated schema. What the comparison with the history has told already is not told again. A database below the head is what an
older release expects: there it is not proved.
"""

from collections.abc import Iterator

from alembic_proof.checks.settling import settled_together
from alembic_proof.drift.database_matches_history import is_foreign
from alembic_proof.experiments.drift import Drift
from alembic_proof.findings import Judgement, Rule, Severity, Subject
from alembic_proof.schema.beyond_models import is_beyond_models
from alembic_proof.schema.sentences import describe, line

RULE = Rule(module=__name__, code="AP903", effect="The application runs against a schema that its models do not describe.")


def judge(drift: Drift) -> Iterator[Judgement]:
    where = Subject(database=drift.name)
    if drift.models is None:
        at = " and ".join(drift.compared_at) if drift.differences is not None else ""
        yield RULE.not_proved(
            where, f"the database stands at {at}, below the head" if at else "the database's revision is not known"
        )
        return
    failure = drift.models.unavailable or drift.models.twin_failure
    if failure is not None:
        yield RULE.not_proved(where, f"there is no twin: {failure}")
        return
    told = {difference.key for difference in drift.differences or ()}
    differences = [
        difference
        for difference in drift.models.differences
        if difference.key not in told and not is_beyond_models(difference) and not is_foreign(difference, drift)
    ]
    for difference, fix in settled_together(differences, drift.kind, lambda code: f"in a new revision's upgrade():\n{code}"):
        is_comment = difference.changed_properties() == ("comment",)
        yield RULE.finding(
            where,
            object=difference.key.full_name,
            what=describe(difference, expected="in the models", actual="in the database"),
            seen=line(difference),
            fix=fix,
            severity=Severity.WARNING if is_comment else None,
        )
    if not differences:
        yield RULE.proved(where)
