"""Migrations stand alone.

It fires on a revision that imports code of the application: an error for its models (a mapped class, a Table, a declarative
base, a MetaData, or the module that holds them), a warning for everything else, such as a custom column type or a helper.
Imports inside functions and `import_module("...")` count; imports under `if TYPE_CHECKING` and code in the folder of the
migrations do not.

A revision is a record of what was done at its time. The model that it imports is the one of today: when a column is added to
the model, the old revision selects a column that its schema does not have yet; when the model is renamed, the revision can no
longer be imported, and with it the whole history. It shows only where the history runs from the beginning: a new developer's
machine, the tests, a restored backup.

Write down in the revision what it needs. `sa.table("users", sa.column("id"))` is enough for `sa.select`, `sa.update`,
`sa.insert`, `sa.delete` and `op.bulk_insert`. A custom type becomes the type that the database stores: `sa.CHAR(36)`. A helper
is copied, or moved into the folder of the migrations.

To accept one import, write into the revision: `# proof: accept migrations-stand-alone app.models.User -- why`.
"""

from collections.abc import Iterator

from alembic_proof.application import BorrowedName, RevisionFile, RevisionImport
from alembic_proof.evidence import Evidence
from alembic_proof.findings import Finding, Judgement, Rule, Severity, Subject
from alembic_proof.imported import Holds

RULE = Rule(
    module=__name__,
    code="AP105",
    effect="When that code moves on, this revision changes with it or stops, on every database that is built from the beginning.",
)
NEEDS = frozenset({"application"})


def judge(evidence: Evidence) -> Iterator[Judgement]:
    """Judge every chosen revision by what its file imports."""
    application = evidence.application
    if application is None or application.absent is not None:
        reason = "the application was not looked at" if application is None else application.absent
        yield RULE.not_proved(Subject(), str(reason))
        return
    for revision in application.revisions:
        if revision.revision is not None and revision.revision not in evidence.chosen:
            continue
        if revision.unreadable is not None:
            yield RULE.not_proved(Subject(revision=revision.revision, file=revision.file), revision.unreadable)
        elif revision.imports:
            yield from (_finding(revision, borrowed) for borrowed in revision.imports)
        else:
            yield RULE.proved(Subject(revision=revision.revision, file=revision.file))


def _finding(revision: RevisionFile, borrowed: RevisionImport) -> Finding:
    return RULE.finding(
        Subject(revision=revision.revision, file=revision.file, line=borrowed.line),
        object=f"{borrowed.module}.{borrowed.names[0].name}" if len(borrowed.names) == 1 else borrowed.module,
        severity=RULE.severity if _is_of_models(borrowed) else Severity.WARNING,
        what=_what(borrowed),
        seen=(borrowed.statement,),
        fix="\n".join(_fix(revision, borrowed)),
    )


def _is_of_models(borrowed: RevisionImport) -> bool:
    if borrowed.module_file is None:
        return True  # it has moved on already
    return borrowed.holds_models if borrowed.whole_module else any(name.holds is not None for name in borrowed.names)


def _what(borrowed: RevisionImport) -> str:
    if borrowed.module_file is None:
        return f"The revision imported {borrowed.module}, which the application did not have."
    if borrowed.whole_module:
        role = "which held models of the application" if borrowed.holds_models else "a module of the application"
        return f"The revision imported {borrowed.module}, {role}."
    return (
        f"The revision imported {', '.join(map(_described, borrowed.names))} from {borrowed.module}, which is the application's."
    )


def _described(name: BorrowedName) -> str:
    if name.holds is None:
        return name.name
    of_table = "" if name.table is None else f" of {name.table}" if name.holds is Holds.MAPPED_CLASS else f" {name.table}"
    return f"{name.name} (the {name.holds}{of_table})"


def _fix(revision: RevisionFile, borrowed: RevisionImport) -> Iterator[str]:
    lines = f"line {borrowed.line}" if borrowed.line == borrowed.last_line else f"lines {borrowed.line} to {borrowed.last_line}"
    stubs = [name for name in borrowed.names if name.table is not None]
    if stubs:
        yield f"remove {lines}, and write below the imports:"
        if revision.sqlalchemy is None:
            yield "import sqlalchemy as sa"
        yield from (_stub(name, revision.sqlalchemy or "sa") for name in stubs)
    elif borrowed.names:
        yield f"remove {lines}"
    else:
        yield f"remove {lines}, and write into this file what it needs of {borrowed.module}"
    for name in borrowed.names:
        yield from _rewriting(name)


def _stub(name: BorrowedName, sa: str) -> str:
    columns = (
        f', {sa}.column("{column.name}"' + (")" if column.type is None else f", {sa}.{column.type})") for column in name.columns
    )
    schema, _, table = str(name.table).rpartition(".")
    in_schema = f', schema="{schema}"' if schema else ""
    return f'{_stub_name(name)} = {sa}.table("{table}"{"".join(columns)}{in_schema})'


def _stub_name(name: BorrowedName) -> str:
    return name.bound_as.rpartition(".")[2]


def _rewriting(name: BorrowedName) -> Iterator[str]:
    """What else the revision has to say instead, in the words of its author."""
    stub = _stub_name(name)
    if name.table is not None:
        if stub != name.bound_as:
            yield f"write {stub} where {name.bound_as} stands"
        instead = {"__table__": stub, "__tablename__": f'"{str(name.table).rpartition(".")[2]}"'}
        for attribute in name.attributes:
            yield f"write {instead.get(attribute, f'{stub}.c.{attribute}')} where {name.bound_as}.{attribute} stands"
        if name.called:
            yield f"write op.bulk_insert({stub}, [{{...}}]) where {name.bound_as}(...) is added to a session"
    elif name.holds is not None:
        yield f"write op.create_table(...) for each table that was made with {name.bound_as}, as it was at this revision"
    else:
        yield f"copy {name.name} into this file" + ("" if name.defined_in is None else f" from {name.defined_in}")
