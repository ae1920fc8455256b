"""Column types that mean the same on SQLite, PostgreSQL and MariaDB."""

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, String
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeDecorator


def exact_string(length: int) -> String:
    """A string that is equal to itself only. MariaDB's default collation takes rene for rené, and ignores trailing blanks."""
    exact = mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_nopad_bin")
    return String(length).with_variant(exact, "mysql", "mariadb")


class UTCDateTime(TypeDecorator[datetime]):
    """A moment. SQLite and MariaDB store no time zone: what the engine's sessions write there is UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        if value is not None and value.tzinfo is None:
            raise ValueError("Cannot store a moment without a time zone. Give datetime.now(UTC) instead.")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        return value if value is None or value.tzinfo is not None else value.replace(tzinfo=UTC)
