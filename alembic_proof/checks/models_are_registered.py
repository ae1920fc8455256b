"""Models are registered.

It fires on a mapped class or a Table of the application that is not in env.py's target_metadata. All modules of the application
are imported in an interpreter of their own; the tables that come into being are compared with those that env.py gave Alembic.

A model registers itself when its module is imported. When nothing that env.py imports leads to that module, `alembic revision
--autogenerate` does not see the model and writes no table for it, `alembic check` is content, and the first request that uses
it fails in production: relation "orders" does not exist.

Import the model where Base and all models are gathered, the module that env.py takes target_metadata from; the finding prints
the line. A model with a declarative base of its own needs that base's metadata in target_metadata, which may be a list.

Tables of test modules are left out. A module that could not be imported is not proved, with the reason.

To accept a table that other migrations own: `[[tool.alembic_proof.accept]]` with check = "models-are-registered", object = the
table, and a reason.
"""

from collections.abc import Iterator

from alembic_proof.application import ApplicationEvidence, ModelTable
from alembic_proof.evidence import Evidence
from alembic_proof.findings import Finding, Judgement, Rule, Subject

RULE = Rule(
    module=__name__,
    code="AP202",
    effect="Autogenerate does not see the table, so no migration creates it: the first query that needs it fails in production.",
)
NEEDS = frozenset({"application", "walk"})


def judge(evidence: Evidence) -> Iterator[Judgement]:
    """Judge each table of the models by whether target_metadata has its name."""
    application, registered = evidence.application, evidence.registered_tables
    reason = _unjudged(application, registered)
    if application is None or registered is None or reason is not None:
        yield RULE.not_proved(Subject(), str(reason))
        return
    for folder in application.unlooked:
        yield RULE.not_proved(Subject(file=folder.file), f"{folder.module} was not looked at: {folder.reason}")
    for module in application.unimported:
        yield RULE.not_proved(Subject(file=module.file), f"{module.module} could not be imported: {module.reason}")
    known_metadata = {table.metadata for table in application.tables if table.name in registered}
    for table in application.tables:
        if table.name in registered:
            yield RULE.proved(Subject(file=table.file, line=table.line))
        else:
            yield _finding(application, table, is_of_other_metadata=bool(known_metadata) and table.metadata not in known_metadata)
    if not application.tables and not application.unimported:
        yield RULE.proved(Subject())  # every module was looked at, and none has a model


def _unjudged(application: ApplicationEvidence | None, registered: frozenset[str] | None) -> str | None:
    if application is None:
        return "the application was not looked at"
    if application.absent is not None:
        return application.absent
    return f"{application.env_file} gave Alembic no target_metadata" if registered is None else None


def _finding(application: ApplicationEvidence, table: ModelTable, *, is_of_other_metadata: bool) -> Finding:
    owner = "" if table.mapped_class is None else f" of {table.module}.{table.mapped_class}"
    return RULE.finding(
        Subject(file=table.file, line=table.line),
        object=table.name,
        what=f"Table {table.name}{owner} was not in target_metadata.",
        fix=_other_metadata(application, table) if is_of_other_metadata else _import(application, table),
    )


def _import(application: ApplicationEvidence, table: ModelTable) -> str:
    name = f"import {table.module}" if table.bound_as is None else f"from {table.module} import {table.bound_as}"
    gathering = None if table.needs_metadata_module else application.metadata_file
    return f"in {gathering or application.env_file}, below the other imports:\n{name}  # noqa: F401"


def _other_metadata(application: ApplicationEvidence, table: ModelTable) -> str:
    if table.metadata_owner is None:
        return f"in {application.env_file}, add the MetaData of {table.file}:{table.line} to target_metadata, which may be a list"
    module, _, name = table.metadata_owner.rpartition(".")
    imported = f"import {name} from {module}" + (f", import {table.module}" if table.module != module else "")
    return f"in {application.env_file}, {imported}, and make target_metadata a list that holds its MetaData too"
