"""The upgrade runs.

Each revision's upgrade() is executed on a real database that stands at its parent, in a transaction of its own, as Alembic takes
it. When it fails here it fails in the next deployment. A base revision that expects tables which something else made needs a
`prelude`; what lies above a failed revision is not proved.

An extension of PostgreSQL that the server does not have (the private one brings plpgsql and vector) is no fault of the revision:
it is not proved, nor is what lies above it, until `--on` names a server that has it. A container of production's image is one.
"""

import re
from collections.abc import Iterator

from alembic_proof.checks.places import at_upgrade, shown_failure
from alembic_proof.evidence import DatabaseEvidence, Evidence, Failure, Step
from alembic_proof.findings import Finding, Judgement, Rule
from alembic_proof.history import Revision

RULE = Rule(module=__name__, code="AP301", effect="The deployment stops at this revision.")
NEEDS = frozenset({"walk"})

_NO_ROLE = re.compile(r'role "([^"]+)" does not exist')
_MISSING_TABLE = ("no such table", "does not exist", "doesn't exist")


def judge(evidence: Evidence) -> Iterator[Judgement]:
    for database, step in evidence.chosen_steps():
        revision = evidence.history[step.revision]
        if step.blocked is not None:
            yield RULE.not_proved(at_upgrade(database, revision), step.blocked)
        elif step.upgrade is not None and (extension := step.upgrade.missing_extension) is not None:
            yield RULE.not_proved(at_upgrade(database, revision, step.upgrade.line), _without(extension))
        elif step.upgrade is not None:
            yield _finding(database, step, revision, step.upgrade)
        else:
            yield RULE.proved(at_upgrade(database, revision))


def _finding(database: DatabaseEvidence, step: Step, revision: Revision, failure: Failure) -> Finding:
    return RULE.finding(
        at_upgrade(database, revision, failure.line),
        object=step.revision,
        what=f"The upgrade failed on {_place(database, revision)}: {failure.words.splitlines()[0]}",
        seen=shown_failure(failure),
        fix=_fix(database, revision, failure),
    )


def _without(extension: str) -> str:
    return f"the server that it was tried on lacks the extension {extension}: give --on the URL of a PostgreSQL that has it"


def _place(database: DatabaseEvidence, revision: Revision) -> str:
    return f"a new {database.kind} database" + (f" that stood at {' and '.join(revision.parents)}" if revision.parents else "")


def _fix(database: DatabaseEvidence, revision: Revision, failure: Failure) -> str:
    if (
        not revision.parents
        and _NO_ROLE.search(failure.message) is None
        and any(words in failure.message for words in _MISSING_TABLE)
    ):
        return 'in [tool.alembic_proof], what makes the tables that this base expects:  prelude = "schema.sql"'
    role = _NO_ROLE.search(failure.message)
    if role is not None and database.kind == "postgresql":
        return (
            f'in [tool.alembic_proof], what makes the roles that your servers have:  prelude = "roles.sql"\n'
            f"in roles.sql:  DO $$ BEGIN CREATE ROLE {role[1]}; EXCEPTION WHEN duplicate_object THEN NULL; END $$;\n"
            "and prove on a private server:  alembic-proof verify --on postgresql"
        )
    place = f"{revision.file}:{failure.line}" if failure.line else revision.file
    return f"correct {place}, then run this revision alone:  alembic-proof verify --on {database.name} {revision.id}"
