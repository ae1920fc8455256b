"""The new code waits for the upgrade, where it has to.

What the new version's code sends, built from the schema above the revision, is tried on the schema below it. With what AP601 saw
this gives the order for each revision, which the summary lists: *schema first*, *code first*, *either*, or *needs two releases*.

A new table or column is waited for as a matter of course, and the list says it. A note is given where the new schema admits in
an old column what the old one refused: a NULL, an enum label, a longer text, a second row. Such rows are written as soon as the
first process of the new version runs, and read by the old ones, which have never met them: let a release that reads them go
before the one that writes them.
"""

from collections.abc import Iterator

from alembic_proof.checks.old_code_still_runs import code_steps
from alembic_proof.checks.places import at_upgrade, shown_statement
from alembic_proof.evidence import Evidence
from alembic_proof.findings import Judgement, Rule, Severity

RULE = Rule(
    module=__name__,
    code="AP602",
    effect="New code fails until this upgrade has run; what it then writes is read by old code that has never met it.",
    severity=Severity.NOTE,
)
NEEDS = frozenset({"walk", "code"})


def judge(evidence: Evidence) -> Iterator[Judgement]:
    for database, step, tried in code_steps(evidence):
        where = at_upgrade(database, evidence.history[step])
        if isinstance(tried, str):
            yield RULE.not_proved(where, tried)
            continue
        for surprise in tried.new_on_old:
            if surprise.refusal is not None and not surprise.is_absence:
                yield RULE.finding(
                    where,
                    object=surprise.object,
                    what=f"{surprise.does} ran after the upgrade and failed before it: {surprise.refusal}",
                    seen=(shown_statement(surprise.statement), surprise.refusal),
                    fix="upgrade first; write such rows one release after the code that can read them",
                )
        yield RULE.proved(where)
