"""The models match the migrations.

The schema that the migrations leave is compared with a twin: a database of the same kind made by
`target_metadata.create_all()`. Both have been through the same database, so nothing is guessed: CHECK texts, primary keys,
predicates, enum labels, views and triggers count as much as columns. What env.py's include_name and include_object leave out is
left out. Objects that models cannot express and only the migrations make, and tables that only they fill, are told in one
note, which can be accepted as one. Where create_all() fails, Alembic's autogenerate answers instead, and what it cannot see is
not proved.
"""

from collections.abc import Iterator
from functools import partial

from alembic_proof.checks.settling import pasted, settled_together
from alembic_proof.evidence import DatabaseEvidence, Evidence, Models
from alembic_proof.findings import Finding, Judgement, Rule, Severity, Subject
from alembic_proof.schema.beyond_models import is_beyond_models
from alembic_proof.schema.diff import Change, Difference
from alembic_proof.schema.sentences import describe, line

RULE = Rule(module=__name__, code="AP401", effect="The application runs against a schema that its tests never had.")
NEEDS = frozenset({"walk", "models"})

_MOST = 10  # tables that are named, where only migrations fill them
_WHERE = "mend the models, or, in a new revision's upgrade()"

MADE_BY_MIGRATIONS = "what only migrations make"
"""Stands for all of it: it is told, and accepted, as one."""


def judge(evidence: Evidence) -> Iterator[Judgement]:
    for database in evidence.databases:
        models = database.models
        where = Subject(database=database.name)
        if models is None:
            continue
        if models.unavailable is not None:
            yield RULE.not_proved(where, models.unavailable)
        elif models.twin_failure is not None:
            yield from _by_autogenerate(database, models)
        else:
            yield from _by_twin(evidence, database, models)


def _by_twin(evidence: Evidence, database: DatabaseEvidence, models: Models) -> Iterator[Judgement]:
    beside = [difference for difference in models.differences if is_beyond_models(difference)]
    broken = [d for d in models.differences if d not in beside]
    for difference, fix in settled_together(broken, database.kind, partial(pasted, _WHERE)):
        yield _finding(evidence, database, difference, fix)
    if beside or models.seeded:
        yield _note(database, beside, models.seeded)
    if not broken:
        yield RULE.proved(Subject(database=database.name))


def _finding(evidence: Evidence, database: DatabaseEvidence, difference: Difference, fix: str) -> Finding:
    file, row = _defined_at(evidence, difference)
    is_comment = difference.changed_properties() == ("comment",)
    return RULE.finding(
        Subject(database=database.name, file=file, line=row),
        object=difference.key.full_name,
        what=describe(difference, expected="in the models", actual="in the migrated schema"),
        seen=line(difference),
        fix=fix,
        severity=Severity.WARNING if is_comment else None,
    )


def _note(database: DatabaseEvidence, beside: list[Difference], seeded: tuple[str, ...]) -> Finding:
    new, told = (sum((d.change is Change.EXTRA) is is_new for d in beside) for is_new in (True, False))
    made = [] if not new else ["one object"] if new == 1 else [f"{new} objects"]
    made += [] if not told else ["settings of one object"] if told == 1 else [f"settings of {told} objects"]
    more = [f"+ ROWS IN {len(seeded) - _MOST} more tables"] if len(seeded) > _MOST else []
    filled = [] if not seeded else ["rows in one table"] if len(seeded) == 1 else [f"rows in {len(seeded)} tables"]
    return RULE.finding(
        Subject(database=database.name),
        object=MADE_BY_MIGRATIONS,
        what=f"The migrations made {_listed(made + filled)} that create_all() does not make.",
        effect="A database made by create_all() lacks them; tests on such a database prove nothing about them.",
        seen=[*(told for one in beside for told in line(one)), *(f"+ ROWS IN {table}" for table in seeded[:_MOST]), *more],
        fix="build test databases by the migrations (the fixture migrated_database does), not by create_all()\n"
        "or say in pyproject.toml that this is how it has to be:\n"
        "[[tool.alembic_proof.accept]]\n"
        f'check = "{RULE.slug}"\n'
        f'object = "{MADE_BY_MIGRATIONS}"\n'
        'reason = "our tests run on migrated databases"',
        severity=Severity.NOTE,
    )


def _listed(things: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(things[:-1]), things[-1])))


def _by_autogenerate(database: DatabaseEvidence, models: Models) -> Iterator[Judgement]:
    where = Subject(database=database.name)
    for told in models.by_autogenerate:
        yield RULE.finding(
            where,
            object=told,
            what=f"Alembic's autogenerate found: {told}.",
            seen=(told,),
            fix='alembic revision --autogenerate -m "match the models"',
        )
    yield RULE.not_proved(
        where,
        f"twin unavailable: create_all() failed ({models.twin_failure}); compared by autogenerate, which sees no CHECK text, "
        "primary key, predicate, enum label, view, trigger or function",
    )


def _defined_at(evidence: Evidence, difference: Difference) -> tuple[str | None, int | None]:
    """Where the table's model stands, when the application's models were read."""
    owner = difference.key.owner or difference.key
    for defined in evidence.application.tables if evidence.application else ():
        if defined.name == owner.full_name:
            return defined.file, defined.line
    return None, None
