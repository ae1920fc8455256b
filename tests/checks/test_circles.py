"""Tables that refer to each other, and to themselves, get rows that do so."""

from pathlib import Path

import pytest

from alembic_proof.findings import Outcome
from alembic_proof.reports.report import Report
from alembic_proof.testing import PlantedProject
from tests.checks.row_hazard import FOREIGN_KEYS_ON
from tests.checks.row_hazards import told

CHECKS = ("AP501",)
REFERENCES = {
    "author": ("best_book_id", "book", ""),
    "book": ("author_id", "author", ""),
    "country": ("capital_id", "city", "DEFERRABLE"),
    "city": ("country_id", "country", "DEFERRABLE INITIALLY DEFERRED"),
    "person": ("boss_id", "person", ""),
    "node": ("parent_id", "node", ""),
}
MAY_BE_NULL = ("author", "person")


def circles(database: str) -> str:
    """Make the tables, and then, but for SQLite, what they refer to."""
    made, referring = [], []
    for name, (column, other, deferrable) in REFERENCES.items():
        key = f"FOREIGN KEY ({column}) REFERENCES {other} (id) {deferrable if database == 'postgresql' else ''}"
        inside = f", {key}" if database == "sqlite" else ""
        null = "NULL" if name in MAY_BE_NULL else "NOT NULL"
        made.append(f"CREATE TABLE {name} (id INTEGER NOT NULL PRIMARY KEY, {column} INTEGER {null}{inside})")
        if not inside:
            referring.append(f"ALTER TABLE {name} ADD CONSTRAINT {name}_key {key}")
    return "\n".join(f'op.execute("{statement}")' for statement in (*made, *referring))


def prove(root: Path, url: str, upgrade: str) -> Report:
    """Take rows through a revision above the circles, with foreign keys on."""
    database = url.partition(":")[0].partition("+")[0]
    project = PlantedProject(root, env_py=FOREIGN_KEYS_ON).revision("a", circles(database), None)
    return project.revision("b", upgrade).verify(url, checks=CHECKS)


@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mariadb"])
def test_circles_are_closed(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """A reference that may be NULL is linked when its parent is there; one that may not waits for it within the transaction."""
    url = database if database == "sqlite" else request.getfixturevalue(f"{database}_url")
    upgrade = f"""
for name, column in {[(name, column) for name, (column, _, _) in REFERENCES.items()]}:
    rows, references = op.get_bind().execute(sa.text(f"SELECT count(*), count({{column}}) FROM {{name}}")).one()
    assert bool(rows) == bool(references), f"{{rows}} rows of {{name}}, {{references}} references"
"""
    report = prove(tmp_path, url, upgrade)

    assert told(report.findings) == []
    assert {outcome.outcome for outcome in report.outcomes} == {Outcome.PROVED}, report.outcomes


@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mariadb"])
def test_the_smallest_rows_are_a_circle(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """What fails on rows that refer to each other is shown by as many as it takes."""
    url = database if database == "sqlite" else request.getfixturevalue(f"{database}_url")
    linked = 'assert not op.get_bind().scalar(sa.text("SELECT count(best_book_id) FROM author"))'
    hard = 'assert not op.get_bind().scalar(sa.text("SELECT count(*) FROM city"))'
    [of_links] = prove(tmp_path / "linked", url, linked).findings
    [of_promises] = prove(tmp_path / "hard", url, hard).findings

    assert [row.partition("(")[0] for row in of_links.seen] == ["author", "book", "AssertionError"]
    assert "best_book_id=NULL" not in of_links.seen[0]
    assert set(of_promises.seen) == {"country(id=1, capital_id=1)", "city(id=1, country_id=1)", "AssertionError"}


def test_a_parent_that_does_not_come(tmp_path: Path) -> None:
    """Where no row of a circle can be whole, none is left halfway, and the reason is told."""
    tables = """
op.execute("CREATE TABLE hen (id INTEGER PRIMARY KEY, egg_id INTEGER NOT NULL REFERENCES egg (id))")
op.execute("CREATE TABLE egg (id INTEGER PRIMARY KEY, hen_id INTEGER NOT NULL REFERENCES hen (id), CHECK (id < 0 AND id > 0))")
"""
    project = PlantedProject(tmp_path, env_py=FOREIGN_KEYS_ON).revision("a", tables, None)
    project.revision("b", 'op.execute("SELECT count(*) FROM hen")\nop.execute("SELECT count(*) FROM egg")')
    [reason] = [one.reason for one in project.verify(checks=CHECKS).outcomes if one.outcome is Outcome.NOT_PROVED]

    assert reason == (
        "no rows could be made for egg: CHECK constraint failed: id < 0 AND id > 0; "
        "no rows could be made for hen: it refers to egg, which has no rows"
    )


@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mariadb"])
def test_code_writes_rows_of_a_circle(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """What old code sends to tables that refer to each other is tried too: rows are there that do."""
    url = database if database == "sqlite" else request.getfixturevalue(f"{database}_url")
    columns = "\n".join(f'op.add_column("{name}", sa.Column("v", sa.String(9)))' for name in REFERENCES)
    uniques = "\n".join(f'op.create_index("uq_{name}", "{name}", ["v"], unique=True)' for name in REFERENCES)
    project = PlantedProject(tmp_path, env_py=FOREIGN_KEYS_ON).revision("a", f"{circles(database)}\n{columns}", None)
    report = project.revision("b", uniques).verify(url, checks=("AP601",))

    assert {finding.object for finding in report.findings} == {f"{name}.uq_{name}" for name in REFERENCES}
    assert [one.reason for one in report.outcomes if one.outcome is Outcome.NOT_PROVED] == []


@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mariadb"])
def test_code_has_no_rows_whose_parent_does_not_come(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Where a circle takes no row, the reasons are told, and what is beside it is tried with foreign keys that count."""
    url = database if database == "sqlite" else request.getfixturevalue(f"{database}_url")
    whole = "city (id INTEGER NOT NULL PRIMARY KEY"
    checked = circles(database).replace(whole, f"{whole} CHECK (id < 0 AND id > 0)")
    uniques = "\n".join(
        f'op.create_index("uq_{name}", "{name}", ["{REFERENCES[name][0]}"], unique=True)'
        for name in REFERENCES
        if name != "country"
    )
    project = PlantedProject(tmp_path, env_py=FOREIGN_KEYS_ON).revision("a", checked, None)
    project.revision("b", 'op.create_index("uq_country", "country", ["capital_id"], unique=True)').revision("c", uniques)
    report = project.verify(url, checks=("AP601",))
    reasons = {one.revision: str(one.reason) for one in report.outcomes if one.outcome is Outcome.NOT_PROVED}

    assert reasons == {"b": "no row of country could be made: it refers to city, which has no rows"}
    assert {finding.object for finding in report.findings} == {
        "author.uq_author",
        "book.uq_book",
        "node.uq_node",
        "person.uq_person",
    }
