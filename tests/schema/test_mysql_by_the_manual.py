"""The reader of MySQL 8, of which no server is here: fed with rows as its manual shows them."""

from collections.abc import Sequence
from typing import Any

from alembic_proof.schema import mariadb
from alembic_proof.schema.snapshot import Key

ROWS: dict[str, list[tuple[Any, ...]]] = {
    "VERSION": [("8.4.3",)],
    "SCHEMATA": [("utf8mb4_0900_ai_ci",)],
    "TABLES": [("places", "BASE TABLE", "InnoDB", "utf8mb4_0900_ai_ci", "", "")],
    "COLUMNS": [
        ("places", 2, b"at", b"point", "NO", None, None, "INVISIBLE", b"", b"", 4326),
        ("places", 1, "name", "varchar(20)", "YES", b"it's", "utf8mb4_0900_ai_ci", "", "", "", None),
        ("places", 3, "made", "datetime", "YES", "CURRENT_TIMESTAMP", None, "DEFAULT_GENERATED", "", "", None),
    ],
    "STATISTICS": [("places", "ix", 1, 1, None, "A", None, "BTREE", "", "YES", "lower(`name`)")],
    "CHECK_CONSTRAINTS": [("places", "ck", "(`name` <> _utf8mb4'x')", "NO")],
}


class FakeMysql:
    """Answers each query with the rows of the table that it reads."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, query: str) -> Sequence[tuple[Any, ...]]:
        self.asked.append(query)
        source = query.partition("information_schema.")[2].split()[0] if "information_schema" in query else "VERSION"
        return ROWS.get(source, [])


def test_what_only_mysql_has() -> None:
    """Invisible columns, reference systems, literals as defaults, expressions as terms of an index, CHECKs not enforced."""
    fetch = FakeMysql()
    snapshot = mariadb.read(fetch)
    column = {key.name: snapshot.objects[key] for key in snapshot.of_kind("column")}

    assert [properties["position"] for properties in column.values()] == [1, 2, 3]
    assert (column["name"]["default"], column["made"]["default"]) == ("'it''s'", "CURRENT_TIMESTAMP")
    assert (column["at"]["type"], column["at"]["extra"], column["at"]["nullable"]) == ("point", "INVISIBLE, SRID 4326", False)
    assert snapshot.objects[Key("index", None, "places", "ix")]["columns"] == ("(lower(`name`))",)
    assert snapshot.objects[Key("check", None, "places", "ck")] == {"expression": "(`name` <> _utf8mb4'x')", "enforced": False}
    assert "MySQL's own spellings: never tried on a server" in snapshot.not_read
    assert not any("SET STATEMENT" in query or "ALGORITHM" in query for query in fetch.asked), "words of MariaDB alone"
