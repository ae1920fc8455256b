"""What a database says when it refuses a statement, told apart."""

import re

from sqlalchemy.exc import IntegrityError

from fooapi.db.base_class import Base


def taken_field(error: IntegrityError) -> str | None:
    """Name the column whose unique constraint refused a row; None when something else was refused.

    The value that was refused stands in MariaDB's message, so only what follows it is read.
    """
    constraint = _unique_constraint(error.orig)
    for table in Base.metadata.tables.values():
        for column in table.columns:
            if constraint in {f"uq_{table.name}_{column.name}", f"{table.name}.{column.name}"}:
                return column.name
    return None


def _unique_constraint(refused: BaseException | None) -> str | None:
    diagnosis = getattr(refused, "diag", None)
    if diagnosis is not None:  # psycopg
        return diagnosis.constraint_name if getattr(refused, "sqlstate", None) == "23505" else None
    words = str(refused.args[-1]) if refused is not None and refused.args else ""
    # SQLite: UNIQUE constraint failed: users.email     MariaDB: Duplicate entry 'a@b.org' for key 'uq_users_email'
    found = re.fullmatch(r"UNIQUE constraint failed: (\S+)|Duplicate entry .* for key '(?:\w+\.)?(\w+)'", words, re.DOTALL)
    return None if found is None else found[1] or found[2]
