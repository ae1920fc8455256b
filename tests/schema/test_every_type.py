"""The models of the test against false differences use every type and every option that SQLAlchemy knows."""

import inspect
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from tests.schema.every_option import NOT_USED, models
from tests.schema.every_type import REFUSED, TYPES, UNNAMED

KINDS = ("sqlite", "postgresql", "mariadb")
MODULES: dict[str, ModuleType] = {"sqlite": sqlite, "postgresql": postgresql, "mariadb": mysql}


def type_classes(module: ModuleType) -> set[type]:
    """The public classes of types in a module of SQLAlchemy's."""
    public = [value for name, value in vars(module).items() if not name.startswith("_") and inspect.isclass(value)]
    return {value for value in public if issubclass(value, sa.types.TypeEngine)}


def used(types: tuple[Any, ...]) -> Iterator[type]:
    """The classes of some types, and of what a project's own types are made of."""
    for made in types:
        yield type(made) if type(made).__module__.startswith("sqlalchemy.") else type(made).__mro__[1]


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_is_in_the_models(kind: str) -> None:
    """Each public type of SQLAlchemy and of the dialect is a column of the models, or one that the database refuses."""
    known = type_classes(sa.types) | type_classes(MODULES[kind])
    tried = {*used(TYPES[kind]), *REFUSED[kind], *UNNAMED}

    assert sorted(str(left_out) for left_out in known - tried) == []


def test_no_migration_can_name_it() -> None:
    """A type that is left out because Alembic cannot write it is not where a migration looks for it."""
    assert [str(left_out) for left_out in UNNAMED if hasattr(sa, left_out.__name__)] == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_left_out_is_refused(kind: str, new_sheet: Callable[[str], Any]) -> None:
    """A type that is not in the models cannot be made in the database."""
    sheet = new_sheet(kind)
    taken = []
    for number, refused in enumerate(REFUSED[kind]):
        try:
            made = refused(sa.Integer) if refused is sa.ARRAY else refused()
            with sheet.engine.begin() as connection:
                sa.Table(f"t{number}", sa.MetaData(), sa.Column("c", made)).create(connection)
        except (SQLAlchemyError, DBAPIError, NotImplementedError, TypeError, AttributeError):
            continue
        taken.append(refused)

    assert taken == []


def options(metadata: sa.MetaData, kind: str) -> Iterator[tuple[str, str]]:
    """Each option of the dialect that the models set: what it is set on, and its name."""
    for table in metadata.tables.values():
        for item in (table, *table.columns, *table.constraints, *table.indexes):
            for name in item.dialect_kwargs:
                if name.startswith(f"{kind}_"):
                    yield from ((base.__name__, name.removeprefix(f"{kind}_")) for base in type(item).__mro__)


@pytest.mark.parametrize("kind", KINDS)
def test_every_option_is_in_the_models(kind: str) -> None:
    """Each option of a table, column, constraint or index that the dialect takes is in the models, or left out for a reason."""
    dialect = sa.make_url(f"{kind}://").get_dialect()
    known = {
        (item.__name__, name)
        for item, names in dialect.construct_arguments or ()
        if issubclass(item, sa.schema.SchemaItem)
        for name, default in names.items()
        if name != "*" and "REFLECTED_ONLY" not in str(default)
    }
    tried = {*options(models(kind, {}), kind), *NOT_USED[kind]}

    assert sorted(known - tried) == []
