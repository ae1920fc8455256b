"""What was seen of the application that owns the migrations: plain data, gathered by an experiment, judged by checks.

Files are relative to the project's root with forward slashes (absolute when they lie outside of it), lines count from 1.
"""

import msgspec

from alembic_proof.imported import Column, Ended, Holds


class BorrowedName(msgspec.Struct, frozen=True, kw_only=True):
    """A name that a revision takes from the application. `columns` are those that the revision mentions, else all."""

    name: str
    bound_as: str
    holds: Holds | None
    table: str | None
    columns: tuple[Column, ...] = ()
    defined_in: str | None = None  # file:line
    attributes: tuple[str, ...] = ()  # what the revision takes of the class: the column in User.username, `__table__`
    called: bool = False  # the revision makes instances: User(...)


class RevisionImport(msgspec.Struct, frozen=True, kw_only=True):
    """One import of application code in a revision. `module_file` is None when the application has no such module."""

    line: int
    last_line: int
    statement: str
    module: str
    module_file: str | None
    whole_module: bool
    holds_models: bool
    names: tuple[BorrowedName, ...]


class RevisionFile(msgspec.Struct, frozen=True, kw_only=True):
    """A migration script. `sqlalchemy` is the name that it gives to the library; `unreadable` says why it has no imports."""

    revision: str | None
    file: str
    sqlalchemy: str | None
    imports: tuple[RevisionImport, ...]
    unreadable: str | None = None


class CycleStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step round a cycle. `instead` is the import that takes the same names from a module outside of it, if one is known."""

    importer: str
    imported: str
    file: str
    line: int
    statement: str
    instead: str | None = None


class FirstImport(msgspec.Struct, frozen=True, kw_only=True):
    """What happened when one module was imported first in an interpreter of its own."""

    module: str
    file: str
    ended: Ended
    words: str = ""
    line: int | None = None
    at: str | None = None  # the file in which it failed, when that is another one
    cycle: tuple[CycleStep, ...] = ()


class UnlookedModule(msgspec.Struct, frozen=True, kw_only=True):
    """A module that was not looked at, and why."""

    module: str
    file: str
    reason: str


class ModelTable(msgspec.Struct, frozen=True, kw_only=True):
    """A table of the application's models, and where the code says it.

    `metadata` numbers the MetaData objects of the application. `needs_metadata_module` says that its module imports the one
    from which env.py takes target_metadata, which therefore cannot import it in turn.
    """

    name: str
    bound_as: str | None
    mapped_class: str | None
    module: str
    file: str
    line: int
    metadata: int
    metadata_owner: str | None
    needs_metadata_module: bool


class ApplicationEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that AP105, AP201 and AP202 judge. `absent` says why no application was found.

    `metadata_file` is the module that env.py takes target_metadata from, if it is the application's. `unlooked` are folders
    of Python files that are no packages, `unimported` modules whose models are not known.
    """

    packages: tuple[str, ...]
    env_file: str
    absent: str | None = None
    metadata_file: str | None = None
    unlooked: tuple[UnlookedModule, ...] = ()
    unimported: tuple[UnlookedModule, ...] = ()
    revisions: tuple[RevisionFile, ...] = ()
    first_imports: tuple[FirstImport, ...] = ()
    tables: tuple[ModelTable, ...] = ()
