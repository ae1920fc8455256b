"""AP501: the smallest rows on which an upgrade fails, and what to ask production."""

import re
from pathlib import Path

import pytest

from alembic_proof.errors import ProofError
from alembic_proof.findings import Outcome
from alembic_proof.testing import PlantedProject
from alembic_proof.verify import Request, verify
from tests.checks.row_hazard import batch, table

CHECKS = ("upgrade-accepts-rows",)


@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mariadb"])
def test_the_printed_line_lets_the_rows_through(tmp_path: Path, database: str, request: pytest.FixtureRequest) -> None:
    """Pasted before the line that failed, with a value chosen, the line silences the finding."""
    url = database if database == "sqlite" else request.getfixturevalue(f"{database}_url")
    project = PlantedProject(tmp_path).revision("a", table('sa.Column("email", sa.String(99))'), 'op.drop_table("t")')
    change = 'b.alter_column("email", existing_type=sa.String(99), nullable={})'
    project.revision("b", batch(change.format("False")), batch(change.format("True")))
    [finding] = project.findings(url, checks=CHECKS)
    code = finding.fix.splitlines()[0].partition(":  ")[2].partition("    #")[0].replace("= ...", "= '(none)'")
    path = tmp_path / str(finding.file)
    path.write_text(path.read_text(encoding="utf-8").replace("def upgrade():", f"def upgrade():\n    {code}"), encoding="utf-8")

    assert finding.object == "t.email"
    assert finding.seen[0] == "t(id=1, email=NULL)"
    assert finding.fix.endswith("before you deploy, on production:  SELECT count(*) FROM t WHERE email IS NULL")
    assert project.findings(url, checks=CHECKS) == ()


def test_the_query_finds_what_was_forbidden(tmp_path: Path) -> None:
    """Each kind of constraint has a query that counts the rows that break it; where one row is not enough there are two."""
    project = PlantedProject(tmp_path)
    project.revision("a", table('sa.Column("s", sa.String(20)), sa.Column("n", sa.Integer())'), 'op.drop_table("t")')
    project.revision("b", 'op.create_index("ix_s", "t", ["s"], unique=True)', 'op.drop_index("ix_s", "t")')
    project.revision("c", batch('b.create_check_constraint("ck_n", "n > 0")'), batch('b.drop_constraint("ck_n", type_="check")'))
    project.revision("d", batch('b.add_column(sa.Column("x", sa.Integer(), nullable=False))'), batch('b.drop_column("x")'))
    unique, check, column = project.findings(checks=CHECKS)

    assert unique.fix.endswith("SELECT s, count(*) FROM t GROUP BY s HAVING count(*) > 1")
    assert unique.what == "The upgrade failed on two rows of t; on empty tables it passes."
    assert check.fix.endswith("SELECT count(*) FROM t WHERE NOT (n > 0)")
    assert column.fix.endswith("SELECT count(*) FROM t")
    assert "give t.x a server_default" in column.fix


def test_code_that_dies_on_a_value_is_told_with_the_value(tmp_path: Path) -> None:
    """Where no constraint refused, the value that could not be made plain is what the query asks for."""
    project = PlantedProject(tmp_path).revision("a", table('sa.Column("s", sa.String(20))'), 'op.drop_table("t")')
    project.revision("b", "for row in op.get_bind().execute(sa.text('SELECT s FROM t LIMIT 500')).all():\n    row.s.strip()")
    [finding] = project.findings(checks=CHECKS)

    assert finding.seen == ("t(id=1, s=NULL)", "AttributeError: 'NoneType' object has no attribute 'strip'")
    assert finding.fix.endswith("SELECT count(*) FROM t WHERE s IS NULL")
    assert (finding.object, finding.line) == ("t.s", 12)


def test_a_table_that_takes_no_row_is_not_proved(tmp_path: Path) -> None:
    """What could not be tried is said with the database's words, and is no pass."""
    project = PlantedProject(tmp_path)
    project.revision("a", table('sa.Column("s", sa.String(20)), sa.CheckConstraint("id < 0 AND id > 0")'), 'op.drop_table("t")')
    project.revision("b", 'op.add_column("t", sa.Column("x", sa.Integer()))', 'op.drop_column("t", "x")')
    report = project.verify(checks=CHECKS)
    [unproved] = [outcome for outcome in report.outcomes if outcome.outcome is Outcome.NOT_PROVED]

    assert unproved.revision == "b"
    assert unproved.reason == "no rows could be made for t: CHECK constraint failed: id < 0 AND id > 0"


def test_a_project_says_what_its_columns_hold(tmp_path: Path) -> None:
    """By its settings and by a function with strategies; a document's form is what no generator can guess."""
    read = """
import json
for row in op.get_bind().execute(sa.text("SELECT d, s FROM t LIMIT 500")).all():
    json.loads(row.d)["total"], row.s.index("@")
"""
    project = PlantedProject(tmp_path).revision(
        "a",
        table('sa.Column("d", sa.JSON(), nullable=False), sa.Column("s", sa.String(20), nullable=False)'),
        'op.drop_table("t")',
    )
    project.revision("b", read)
    [finding] = project.findings(checks=CHECKS)
    project.file(
        "telling.py",
        """
        import json
        from alembic_proof.rows import strategies_for
        from hypothesis import strategies as st

        def tell():
            strategies_for("t.d", st.fixed_dictionaries({"total": st.integers(0)}).map(json.dumps))
        """,
    )
    project.file(
        "pyproject.toml",
        """
        [tool.alembic_proof.rows]
        examples = 3
        strategies = "telling:tell"
        values = {"t.s" = ["a@b", "c@d"]}
        """,
    )

    assert finding.seen[1].startswith("KeyError")
    assert "or say in [tool.alembic_proof.rows.values] what they hold" in finding.fix
    assert project.findings(checks=CHECKS) == ()


TELLING = """
from alembic_proof.rows import strategies_for
from hypothesis import strategies as st

def empty():
    strategies_for("t.s", st.nothing())

def mapping():
    strategies_for("t.s", st.just({"n": 1}))

def plain():
    strategies_for("t.s", ["a"])
"""


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ('values = {"t.s" = []}', 'Cannot use values for column "t.s": there are none.'),
        ('values = {s = ["a"]}', 'Cannot use values for column "s": it names no table.'),
        ('strategies = "nowhere:tell"', 'Cannot use strategies = "nowhere:tell"'),
        ('strategies = "telling:empty"', 'Cannot draw values for column "t.s": Unsatisfiable: '),
        ('strategies = "telling:mapping"', "Cannot use values for column \"t.s\": {'n': 1} is a dict. Give it as the text"),
        ('strategies = "telling:plain"', 'Cannot use values for column "t.s": a list is no strategy.'),
        ("examples = -1", "Expected `int` >= 0 - at `$.rows.examples`"),
    ],
)
def test_settings_that_cannot_be_used(tmp_path: Path, settings: str, words: str) -> None:
    """They are errors before anything is tried."""
    project = PlantedProject(tmp_path).revision("a", table('sa.Column("s", sa.Text())'), 'op.drop_table("t")')
    project.file("pyproject.toml", f"[tool.alembic_proof.rows]\n{settings}\n")
    project.file("telling.py", TELLING)

    with pytest.raises(ProofError, match=re.escape(words)):
        project.verify(checks=CHECKS)


def test_values_for_a_column_that_is_not_there_are_told(tmp_path: Path) -> None:
    """A slip of the pen is no silence: what was said of a column that the head does not have was said of nothing."""
    project = PlantedProject(tmp_path).revision("a", table('sa.Column("s", sa.Text())'), 'op.drop_table("t")')
    project.file("pyproject.toml", '[tool.alembic_proof.rows.values]\n"t.ss" = ["a"]\n')
    told = project.verify(checks=CHECKS).not_compared

    assert any("values given for t.ss (at the head there is no such column; there is t.s)" in one for one in told), told


def test_rows_can_be_left_out(tmp_path: Path) -> None:
    """Without rows none of the checks that need them is there."""
    project = PlantedProject(tmp_path).revision("a", table('sa.Column("s", sa.Text())'), 'op.drop_table("t")')
    report = verify(Request(project=project.project, databases=("sqlite",), with_rows=False, forking=True))

    assert {outcome.check for outcome in report.outcomes} & {"upgrade-accepts-rows", "downgrade-keeps-rows"} == set()


def test_a_wide_row_is_shown_by_what_matters(tmp_path: Path) -> None:
    """Of many columns those are shown that are the key, that matter, or that the database names."""
    many = ", ".join(f'sa.Column("c{number}", sa.Integer())' for number in range(6))
    project = PlantedProject(tmp_path).revision("a", table(f'{many}, sa.Column("s", sa.String(9))'), 'op.drop_table("t")')
    project.revision("b", 'op.create_index("ix_s", "t", ["s"], unique=True)', 'op.drop_index("ix_s", "t")')
    [finding] = project.findings(checks=CHECKS)

    assert finding.seen[:2] == ("t(id=1, s='a')", "t(id=2, s='a')")


def test_the_words_are_those_of_the_rows_that_are_shown(tmp_path: Path) -> None:
    """What the exception says of all rows is not said of the few that were left of them."""
    count = """
rows = op.get_bind().execute(sa.text("SELECT id FROM t WHERE s IS NULL")).all()
assert not rows, f"{len(rows)} rows without s"
"""
    project = PlantedProject(tmp_path).revision("a", table('sa.Column("s", sa.String(20))'), 'op.drop_table("t")')
    [finding] = project.revision("b", count).findings(checks=CHECKS)

    assert finding.seen == ("t(id=1, s=NULL)", "AssertionError: 1 rows without s")


def test_of_two_new_constraints_the_one_that_refused_is_asked_for(tmp_path: Path) -> None:
    """SQLite names the columns of a UNIQUE, not its name; the statement names all columns and says nothing."""
    columns = 'sa.Column("s", sa.String(9)), sa.Column("n", sa.Integer()), sa.Column("o", sa.Integer())'
    project = PlantedProject(tmp_path).revision("a", table(columns), 'op.drop_table("t")')
    unique = 'b.create_unique_constraint("{}", ["s", "{}"])'
    project.revision("b", batch(f"{unique.format('uq_n', 'n')}; {unique.format('uq_o', 'o')}"), None)
    [finding] = project.findings(checks=CHECKS)
    named = re.findall(r"_t\.(\w+)", finding.seen[-1])

    assert len(named) == 2
    assert finding.fix.endswith(f"GROUP BY {', '.join(named)} HAVING count(*) > 1")


def test_the_parents_of_the_rows_are_shown_and_no_others(tmp_path: Path) -> None:
    """What the revision changes of a row is shown, and a reference that is NULL where that is why it fails."""
    child = 'sa.Column("p_id", sa.Integer(), sa.ForeignKey("p.id")), sa.Column("name", sa.String(20))'
    wide = ", ".join(f'sa.Column("{name}", sa.Integer())' for name in "abcd")
    parent = table('sa.Column("s", sa.String(9))', "p")
    project = PlantedProject(tmp_path).revision("a", "\n".join((parent, table(f"{child}, {wide}"))), None)
    unique = 'with op.batch_alter_table("t") as b:\n    b.create_unique_constraint("uq", ["p_id", "name"])'
    project.revision("b", unique, None)
    read = 'for row in op.get_bind().execute(sa.text("SELECT p_id FROM t LIMIT 500")).all():\n    row.p_id + 1'
    project.revision("c", read, None)
    duplicates, orphan = project.findings(checks=CHECKS)

    assert [row.partition("(")[0] for row in duplicates.seen[:3]] == ["p", "t", "t"]
    assert "IntegrityError" in duplicates.seen[-1]
    assert orphan.seen[0] == "t(id=1, p_id=NULL)"
    assert orphan.fix.endswith("SELECT count(*) FROM t WHERE p_id IS NULL")


def test_an_expression_is_asked_for_as_it_stands(tmp_path: Path) -> None:
    """The query of a unique index on an expression groups by the expression, not by a column of that name."""
    project = PlantedProject(tmp_path).revision("a", table('sa.Column("s", sa.String(20))'), 'op.drop_table("t")')
    project.revision("b", 'op.create_index("ix", "t", [sa.text("lower(s)")], unique=True)', None)
    [finding] = project.findings(checks=CHECKS)

    assert finding.fix.endswith("SELECT lower(s), count(*) FROM t GROUP BY lower(s) HAVING count(*) > 1")


def test_a_text_that_is_read_as_something_else_is_written_as_that(tmp_path: Path) -> None:
    """JSON and the names of a Python enum: no application writes another text, and that only such rows were tried is said."""
    read = """
import json
t = sa.table("t", sa.column("id"), sa.column("d"), sa.column("kind", sa.Enum("CAR", "BOAT")))
for row in op.get_bind().execute(sa.select(t.c.d, t.c.kind).limit(500)).all():
    found = json.loads(row.d or "{}")
"""
    columns = 'sa.Column("d", sa.Text()), sa.Column("kind", sa.String(9)), sa.Column("note", sa.String(9))'
    project = PlantedProject(tmp_path).revision("a", table(columns), 'op.drop_table("t")')
    project.revision("b", read).revision("c", f'{read}    found["total"]')
    project.revision(
        "d", f"{read}\nop.execute('UPDATE t SET note = NULL')\nop.create_index('ix', 't', ['kind'], unique=True)", None
    )
    report = project.verify(checks=CHECKS)
    reasons = {outcome.revision: str(outcome.reason) for outcome in report.outcomes if outcome.outcome is Outcome.NOT_PROVED}

    assert [(finding.revision, finding.object) for finding in report.findings] == [("d", "t")]
    assert reasons["b"] == (
        "it takes t.kind for names of a Python enum and t.d for JSON, which the schema does not say: only such rows were tried"
    )
    assert "KeyError: 'total'" in reasons["c"]


def test_what_another_table_refuses_is_not_laid_on_a_new_column(tmp_path: Path) -> None:
    """A new NOT NULL column is to blame where the database speaks of it, not for a UNIQUE, nor for rows of another table."""
    columns = 'sa.Column("name", sa.String(9)), sa.Column("kind", sa.String(9))'
    project = PlantedProject(tmp_path).revision("a", table(columns), 'op.drop_table("t")')
    make = table('sa.Column("name", sa.String(9), nullable=False)', "u")
    copy = 'op.execute("INSERT INTO u (name) SELECT name FROM t")\nop.execute("DELETE FROM t")'
    add = batch('b.add_column(sa.Column("n", sa.Integer(), nullable=False))')
    project.revision("b", f"{make}\n{copy}\n{add}", None)
    fill = 'op.add_column("t", sa.Column("sum", sa.String(9)))\nop.create_index("ix", "t", ["sum"], unique=True)'
    project.revision("c", f"{fill}\nop.execute(\"UPDATE t SET sum = 'x' || kind\")", None)
    other, unique = project.findings(checks=CHECKS)

    assert other.fix.endswith("SELECT count(*) FROM t WHERE name IS NULL")
    assert unique.fix.endswith("SELECT sum, count(*) FROM t GROUP BY sum HAVING count(*) > 1")


def test_a_key_that_is_there_already(tmp_path: Path) -> None:
    """A revision that inserts rows under keys of its own choice meets rows that have them."""
    project = PlantedProject(tmp_path).revision("a", table('sa.Column("s", sa.String(9))'), 'op.drop_table("t")')
    [finding] = project.revision("b", "op.execute(\"INSERT INTO t (id, s) VALUES (2, 'x')\")").findings(checks=CHECKS)

    assert "let the database choose the key of what it inserts, or insert only what is not there yet" in finding.fix
