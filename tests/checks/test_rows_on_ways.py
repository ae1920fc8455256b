"""AP306: what becomes of rows depends on the way, although every step alone keeps them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from alembic_proof.findings import Direction, Finding
from alembic_proof.project import find_project
from alembic_proof.testing import PlantedProject
from alembic_proof.verify import Request, verify
from tests.checks.copies import Copy

CHECKS = ("AP301", "AP302", "AP303", "AP304", "AP306", "AP501", "AP502", "AP503", "AP504")
every_database = pytest.mark.parametrize("database", ["sqlite", "postgresql", "mariadb"])


def sql(*statements: str) -> str:
    """Execute statements."""
    return "\n".join(f'op.execute("{statement}")' for statement in statements)


def table(name: str, *columns: str) -> tuple[str, str]:
    """Make a table with a key, and drop it."""
    made = "".join(f', sa.Column("{column}", sa.String(40))' for column in columns)
    return f'op.create_table("{name}", sa.Column("id", sa.Integer(), primary_key=True){made})', f'op.drop_table("{name}")'


def siblings(root: Path) -> PlantedProject:
    """Two branches: one turns the meaning of a flag round, the other one notes what it was."""
    flag = 'sa.Column("{}", sa.Boolean())'
    make = f'op.create_table("account", sa.Column("id", sa.Integer(), primary_key=True), {flag.format("is_open")})'
    project = PlantedProject(root).revision("first", make, 'op.drop_table("account")')
    turn = sql("UPDATE account SET is_open = NOT is_open")
    project.revision("a", turn, turn)
    note = f'op.add_column("account", {flag.format("was_open")})\n{sql("UPDATE account SET was_open = is_open")}'
    forget = 'with op.batch_alter_table("account") as batch:\n    batch.drop_column("was_open")'
    return project.revision("b", note, forget, down="first", header="depends_on = None").revision("merge", down=("b", "a"))


def letters(root: Path, *, take_back: bool = False) -> PlantedProject:
    """A column moves to a table of its own, which then gets other rows: going down, they are taken for the column's."""
    project = PlantedProject(root).revision("first", *table("customer", "phone"))
    project.revision(
        "second",
        f"""
op.create_table(
    "contact", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("customer_id", sa.Integer(), nullable=False),
    sa.Column("how", sa.String(40)),
)
{sql("INSERT INTO contact (customer_id, how) SELECT id, phone FROM customer")}
with op.batch_alter_table("customer") as batch:
    batch.drop_column("phone")
""",
        f"""
with op.batch_alter_table("customer") as batch:
    batch.add_column(sa.Column("phone", sa.String(40)))
{sql("UPDATE customer SET phone = (SELECT how FROM contact WHERE customer_id = customer.id ORDER BY id DESC LIMIT 1)")}
op.drop_table("contact")
""",
    )
    letter = sql("INSERT INTO contact (customer_id, how) SELECT id, 'by letter' FROM customer")
    return project.revision("third", letter, sql("DELETE FROM contact WHERE how = 'by letter'") if take_back else "pass")


def marks(root: Path, *, take_back: bool = False) -> PlantedProject:
    """A downgrade notes what it met, and the next upgrade above goes by such notes."""
    make, drop = (both + "\n" + more for both, more in zip(table("item", "state"), table("mark", "why"), strict=True))
    project = PlantedProject(root).revision("first", make, drop)
    forget = sql("DELETE FROM mark WHERE why = 'went down'")
    project.revision("second", forget if take_back else "pass", sql("INSERT INTO mark (why) VALUES ('went down')"))
    close = "UPDATE item SET state = 'closed' WHERE EXISTS (SELECT 1 FROM mark WHERE why = 'went down')"
    return project.revision("third", sql(close))


def findings(project: PlantedProject, url: str) -> tuple[Finding, ...]:
    """What the checks of steps, ways and rows say."""
    return project.verify(url, checks=CHECKS).findings


def url_of(database: str, request: pytest.FixtureRequest) -> str:
    """Where to prove."""
    return database if database == "sqlite" else str(request.getfixturevalue(f"{database}_url"))


@every_database
def test_the_order_of_two_branches_decides(tmp_path: Path, database: str, request: pytest.FixtureRequest) -> None:
    """Both orders leave the same schema and other rows: one is shown as each leaves it, and the printed line mends it."""
    project, url = siblings(tmp_path), url_of(database, request)
    [finding] = findings(project, url)

    assert (finding.code, finding.revision, finding.direction) == ("AP306", "b", Direction.UPGRADE)
    assert finding.object == "account.was_open"
    assert finding.what.startswith("account.was_open of account(id=")
    assert finding.seen[1:3] == ("one way    upgrade a, upgrade b", "the other  upgrade b, upgrade a")
    assert finding.effect == "Two databases at the same revision hold different data."
    assert finding.seen[0] == "rows were written after upgrade first"

    file, code = finding.fix.removeprefix("in ").split(":  ")
    Copy(tmp_path).assign(file, code)
    assert findings(project, url) == ()


@every_database
def test_two_up_and_two_down(tmp_path: Path, database: str, request: pytest.FixtureRequest) -> None:
    """Each downgrade alone brings the rows back, and two in a row do not: the lower one meets what the upper one left."""
    (tmp_path / "good").mkdir()
    url = url_of(database, request)
    [finding] = findings(letters(tmp_path), url)

    assert (finding.code, finding.revision, finding.direction) == ("AP306", "second", Direction.DOWNGRADE)
    assert finding.object == "customer.phone"
    detour = "upgrade first, upgrade second, upgrade third, downgrade third, downgrade second"
    assert finding.what.endswith(f"after upgrade first, and 'by letter' after {detour}.")
    assert "in migrations/versions/third_planted.py or migrations/versions/second_planted.py" in finding.fix
    assert findings(letters(tmp_path / "good", take_back=True), url) == ()


@every_database
def test_two_down_and_two_up(tmp_path: Path, database: str, request: pytest.FixtureRequest) -> None:
    """Each revision alone goes down and up and keeps the rows; a rollback, and the next deployment, changes them."""
    (tmp_path / "good").mkdir()
    url = url_of(database, request)
    [finding] = findings(marks(tmp_path), url)

    assert (finding.code, finding.revision, finding.direction) == ("AP306", "third", Direction.UPGRADE)
    assert finding.object == "item.state"
    assert finding.seen[2].endswith("downgrade second, upgrade second, upgrade third")
    assert findings(marks(tmp_path / "good", take_back=True), url) == ()


def test_without_rows_schemas_alone_are_compared(tmp_path: Path) -> None:
    """`--no-rows` is heard: the same schema on all ways is proved."""
    siblings(tmp_path)
    report = verify(Request(project=find_project(root=tmp_path), databases=("sqlite",), checks=("AP306",), with_rows=False))

    assert report.findings == ()
    assert {outcome.outcome.value for outcome in report.outcomes} == {"proved"}


CHANCE = {
    "now": "UPDATE account SET name = CURRENT_TIMESTAMP",
    "random": "UPDATE account SET name = random()",
    "numbers": "INSERT INTO account (name) VALUES ('{}')",
}


@pytest.mark.parametrize("what", CHANCE)
def test_chance_is_not_told(tmp_path: Path, what: str) -> None:
    """What differs between two runs of one way too, and how new rows are counted, is no matter of the way."""
    project = PlantedProject(tmp_path).revision("first", *table("account", "name"))
    project.revision("a", sql(CHANCE[what].format("a"))).revision("b", sql(CHANCE[what].format("b")), down="first")

    assert project.revision("merge", down=("b", "a")).findings(checks=("AP306",)) == ()


def one_step_loses(project: PlantedProject) -> None:
    """A column is dropped, and its downgrade adds it empty."""
    drop = 'with op.batch_alter_table("customer") as batch:\n    batch.drop_column("phone")'
    add = 'with op.batch_alter_table("customer") as batch:\n    batch.add_column(sa.Column("phone", sa.String(40)))'
    project.revision("second", drop, add).revision("third", *table("other"))


def one_step_keeps_what_it_filled(project: PlantedProject) -> None:
    """A NULL is filled and stays so: one loss, and others that follow from it."""
    project.revision("second", sql("UPDATE customer SET phone = 'none' WHERE phone IS NULL"))
    project.revision("third", sql("UPDATE customer SET phone = 'no' WHERE phone = 'none'"))


@pytest.mark.parametrize("plant", [one_step_loses, one_step_keeps_what_it_filled])
def test_what_one_step_loses_is_left_to_others(tmp_path: Path, plant: Callable[[PlantedProject], None]) -> None:
    """A loss that a step makes alone is told by the checks of single steps, and not again."""
    project = PlantedProject(tmp_path).revision("first", *table("customer", "phone"))
    plant(project)
    told = {finding.code for finding in findings(project, "sqlite")}

    assert told
    assert "AP306" not in told


def test_rows_that_one_order_refuses(tmp_path: Path) -> None:
    """A branch that makes values unique runs after the one that makes them different, and not before it."""
    project = PlantedProject(tmp_path).revision("first", *table("item", "code"))
    project.revision("a", sql("UPDATE item SET code = id"))
    unique = 'op.create_index("ix_code", "item", ["code"], unique=True)'
    project.revision("b", unique, 'op.drop_index("ix_code", "item")', down="first", header="depends_on = None")
    [finding] = project.revision("merge", down=("b", "a")).findings(checks=("AP306",))

    assert (finding.revision, finding.direction) == ("b", Direction.UPGRADE)
    assert finding.what.startswith("The upgrade of b failed on one way and ran on another: ")
    assert finding.seen[:3] == (
        "rows were written after upgrade first",
        "one way    upgrade a, upgrade b",
        "the other  upgrade b",
    )
    assert finding.fix == "in migrations/versions/b_planted.py:  depends_on = 'a'"


def test_rows_that_a_rollback_refuses(tmp_path: Path) -> None:
    """A downgrade that runs on the rows that were there fails on what the downgrade above it left beside them."""
    make, drop = (both + "\n" + more for both, more in zip(table("item", "name"), table("note", "about"), strict=True))
    project = PlantedProject(tmp_path).revision("first", make, drop)
    refuse = "assert not op.get_bind().scalar(sa.text(\"SELECT count(*) FROM note WHERE about = 'went down'\")), 'notes'"
    project.revision("second", "pass", refuse)
    project.revision("third", "pass", sql("INSERT INTO note (about) SELECT 'went down' FROM item"))
    [finding] = project.findings(checks=("AP306",))

    assert (finding.revision, finding.direction) == ("second", Direction.DOWNGRADE)
    assert finding.what == "The downgrade of second failed on one way and ran on another: AssertionError: notes"
    assert "downgrade third, downgrade second" in finding.seen[2]
