"""What each migration script imports of the application, and how it uses it. Read from the files; nothing is run."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from alembic_proof.application import BorrowedName, RevisionFile, RevisionImport
from alembic_proof.experiments.application.children.answers import Everything, SeenName
from alembic_proof.experiments.application.definitions import definition
from alembic_proof.experiments.application.import_statements import ImportStatement, imports_of
from alembic_proof.experiments.application.locate import Application
from alembic_proof.experiments.application.script_usage import Usage, usage_of
from alembic_proof.imported import Column, Holds

_OF_CLASS = ("__table__", "__tablename__")


class Models(msgspec.Struct, frozen=True):
    """What is known of the application's models: by module and name, and each table's columns."""

    names: Mapping[tuple[str, str], SeenName]
    modules: frozenset[str]
    columns: Mapping[str, tuple[Column, ...]]

    @classmethod
    def of(cls, everything: Everything) -> "Models":
        return cls(
            names={(name.module, name.name): name for name in everything.names},
            modules=frozenset(name.module for name in everything.names),
            columns={table.name: table.columns for table in everything.tables},
        )


class Script(msgspec.Struct, frozen=True):
    """One migration script as far as it can be read without the application: the file, and its imports of the application."""

    application: Application
    known: RevisionFile
    ours: Sequence[ImportStatement] = ()
    usage: Usage | None = None

    def with_models(self, models: Models) -> RevisionFile:
        """Say what it imports."""
        if self.usage is None:
            return self.known
        reader = _Reader(self.application, models, self.usage)
        return replace(self.known, imports=tuple(found for statement in self.ours for found in reader.imports(statement)))


def read_script(file: Path, application: Application) -> Script:
    """Read one migration script."""
    shown = application.shown(file)
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError) as error:
        why = f"{type(error).__name__}: {error}"
        return Script(application, RevisionFile(revision=None, file=shown, sqlalchemy=None, imports=(), unreadable=why))
    statements = imports_of(tree)
    ours = [one for one in statements if not one.is_for_typing and application.owns(one.module)]
    sqlalchemy = next((one.bound_as for one in statements if one.module == "sqlalchemy" and one.bound_as), None)
    known = RevisionFile(revision=_revision_id(tree), file=shown, sqlalchemy=sqlalchemy, imports=())
    return Script(application, known, ours, usage_of(tree) if ours else None)  # that takes long, and most have none of ours


def _revision_id(tree: ast.Module) -> str | None:
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="revision")], value=ast.Constant(value=str(name))):
                return name
            case ast.AnnAssign(target=ast.Name(id="revision"), value=ast.Constant(value=str(name))):
                return name
    return None


class _Reader(msgspec.Struct, frozen=True):
    application: Application
    models: Models
    usage: Usage

    def imports(self, statement: ImportStatement) -> Iterator[RevisionImport]:
        """What one statement imports: the names of one module together, each module that is imported as such by itself."""
        if not statement.names:
            yield from self._module(statement, statement.module, statement.bound_as)
        names: list[BorrowedName] = []
        for name, bound_as in statement.names:
            inner = f"{statement.module}.{name}"
            if name == "*":
                yield from self._module(statement, statement.module, None)
            elif self.application.file_of(inner) is not None:
                yield from self._module(statement, inner, bound_as)
            else:
                names.append(self._name(statement.module, name, bound_as))
        if names and not self._is_of_migrations(statement.module):
            yield self._import(statement, statement.module, names, whole_module=False)

    def _module(self, statement: ImportStatement, module: str, bound_as: str | None) -> Iterator[RevisionImport]:
        if self._is_of_migrations(module):
            return
        used = self.usage.attributes.get(bound_as, ()) if bound_as is not None else ()
        names = [self._name(module, name, f"{bound_as}.{name}") for name in used if (module, name) in self.models.names]
        yield self._import(statement, module, names, whole_module=True)

    def _is_of_migrations(self, module: str) -> bool:
        """Code in the folders of the migrations is theirs: it moves with them."""
        return any(module == name or module.startswith(f"{name}.") for name in self.application.migration_modules)

    def _import(
        self, statement: ImportStatement, module: str, names: list[BorrowedName], *, whole_module: bool
    ) -> RevisionImport:
        file = self.application.file_of(module)
        return RevisionImport(
            line=statement.line,
            last_line=statement.last_line,
            statement=statement.text,
            module=module,
            module_file=None if file is None else self.application.shown(file),
            whole_module=whole_module,
            holds_models=module in self.models.modules,
            names=tuple(names),
        )

    def _name(self, module: str, name: str, bound_as: str) -> BorrowedName:
        seen = self.models.names.get((module, name))
        columns = self.models.columns.get(seen.table, ()) if seen is not None and seen.table is not None else ()
        is_class = seen is not None and seen.holds is Holds.MAPPED_CLASS
        taken = self.usage.attributes.get(bound_as, ())
        return BorrowedName(
            name=name,
            bound_as=bound_as,
            holds=None if seen is None else seen.holds,
            table=None if seen is None else seen.table,
            columns=tuple(column for column in columns if column.name in self.usage.words) or columns,
            defined_in=definition(module, name, self.application),
            attributes=tuple(a for a in taken if is_class and (a in _OF_CLASS or any(c.name == a for c in columns))),
            called=is_class and bound_as in self.usage.called,
        )
