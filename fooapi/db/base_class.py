"""The class that every model inherits. Models import this module, never `fooapi.db.base`: that one imports the models."""

from typing import Any

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry

class_registry: dict[str, Any] = {}
"""Every mapped class by name: how relationships that name a class by a string find it."""

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has a name that a migration can drop, the same on each database."""


class Base(DeclarativeBase):
    """Declares tables. Holds what all of them have in common."""

    registry = registry(class_registry=class_registry, metadata=MetaData(naming_convention=NAMING_CONVENTION))

    # MariaDB's own default may be a character set without most of the world's names.
    __table_args__: Any = {"mysql_charset": "utf8mb4", "mariadb_charset": "utf8mb4"}  # noqa: RUF012 - SQLAlchemy's form

    # The key comes first in every table. It is not indexed again: a primary key has its index already.
    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)
