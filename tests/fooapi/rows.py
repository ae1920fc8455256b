"""Rows in a database at any revision: written as the schema there admits them, read as they are."""

from typing import Any

from sqlalchemy import Connection, Engine, MetaData, Table, insert, inspect, select

NAMES = ["René", "rene\u0301", "RENÉ", "rene", "rene ", "", " ", "straße", "STRASSE", "x" * 64, "\ufdfa" * 64]
"""Twins in case, accent, form and blanks; the empty and the longest name; one that unfolds to 1152 characters."""

EMAILS = [None, "who@example.org", "who@example.org", "WHO@example.org", "who@example.org ", None]

Row = dict[str, Any]


def read(engine: Engine, table: str = "users") -> list[Row]:
    """Read all rows in the order of their ids; a table that is not there has none."""
    with engine.connect() as connection:
        if not inspect(connection).has_table(table):
            return []
        reflected = Table(table, MetaData(), autoload_with=connection)
        return [dict(row._mapping) for row in connection.execute(select(reflected).order_by(reflected.c.id))]


def write(engine: Engine, mark: str) -> None:
    """Add a user of each name, and events of some, as far as the schema there knows such things."""
    with engine.begin() as connection:
        if not inspect(connection).has_table("users"):
            return
        users = Table("users", MetaData(), autoload_with=connection)
        for number, name in enumerate(NAMES):
            connection.execute(insert(users).values(_row(users, name, f"{mark}-{number}", number)))
        _write_events(connection, users)


def _row(users: Table, name: str, mark: str, number: int) -> Row:
    row: Row = {"username": name}
    for column in ("password", "password_hash"):
        if column in users.c and not (users.c[column].nullable and number % 3 == (column == "password")):
            row[column] = f"$argon2id${mark}"
    if "username_key" in users.c and (not users.c.username_key.nullable or number % 2):
        row["username_key"] = mark
    if "email" in users.c:
        row["email"] = EMAILS[number % len(EMAILS)] if users.c.email.nullable else f"{mark}@example.org"
    return row


def _write_events(connection: Connection, users: Table) -> None:
    if inspect(connection).has_table("audit_events"):
        events = Table("audit_events", MetaData(), autoload_with=connection)
        for user_id in connection.scalars(select(users.c.id).limit(3)).all():
            connection.execute(insert(events).values(user_id=user_id, subject_id=user_id, action="created"))
