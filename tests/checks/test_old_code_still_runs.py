"""AP601: code that runs on the schema below a revision, and not on the one above it."""

import textwrap
from pathlib import Path

import pytest

from alembic_proof.findings import Outcome
from alembic_proof.reports.text import render_findings
from alembic_proof.testing import ENV_PY, PlantedProject
from tests.checks.copies import Planted
from tests.checks.deploy_histories import NOT_MINDED, TAKEN_BACK, clean_history, deploy_history
from tests.checks.halves import halves

CHECKS = ("old-code-still-runs", "new-code-waits")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
def test_everything_that_running_code_minds(tmp_path: Path, kind: str, request: pytest.FixtureRequest) -> None:
    """Each change that breaks old code is told with its object, each that new code waits for is noted, all others are silent."""
    url = kind if kind == "sqlite" else request.getfixturevalue(f"{kind}_url")
    project, minded, waited = deploy_history(tmp_path, kind)
    report = project.verify(url, checks=CHECKS)
    told: dict[str, dict[str | None, str | None]] = {"AP601": {}, "AP602": {}}
    for finding in report.findings:
        told[finding.code].setdefault(finding.revision, finding.object)

    assert told["AP601"] == minded
    assert told["AP602"] == waited
    assert {verdict.reason for verdict in report.outcomes if verdict.outcome is Outcome.NOT_PROVED} == set()
    orders = {revision.id: revision.deploy for revision in report.revisions}
    assert {orders[name] for name in waited if name not in minded} == {"schema first"}
    assert {orders[name] for name in ("table_renamed", "column_renamed", "required")} == {"needs two releases"}
    assert {orders[name] for name in ("table_dropped", "column_dropped", "unique_added", "check_added")} == {"code first"}
    assert [orders[name] for name in NOT_MINDED] == ["schema first", "schema first", "schema first", "either", "either", "either"]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
def test_nobody_minds_what_only_adds(tmp_path: Path, kind: str, request: pytest.FixtureRequest) -> None:
    """No check at all speaks on revisions that add a table, a column, a default, an index."""
    url = kind if kind == "sqlite" else request.getfixturevalue(f"{kind}_url")
    report = clean_history(tmp_path).verify(url)

    assert report.findings == (), render_findings(report.findings)
    of_them = [one for one in report.outcomes if one.revision in TAKEN_BACK and one.check != "offline-sql-matches"]
    assert {one.outcome for one in of_them} == {Outcome.PROVED}  # batch mode asks SQLite for the table, and offline there is none


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
def test_the_two_halves_of_a_rename(planted: Planted, kind: str, request: pytest.FixtureRequest) -> None:
    """Pasted, the first half is minded by nobody; the second, in a revision above it, needs the acceptance that is printed."""
    url = kind if kind == "sqlite" else request.getfixturevalue(f"{kind}_url")
    copy = planted("old_code_still_runs", "bad")
    [finding] = copy.verify(url, checks=CHECKS).findings
    expand, contract, accept = halves(finding)
    _replace_upgrade(copy.file_of("0002"), expand)
    assert copy.verify(url, checks=CHECKS).findings == ()

    above = copy.file_of("0002").with_name("0003_name_dropped.py")
    above.write_text(copy.file_of("0002").read_text().replace('"0002"', '"0003"').replace('"0001"', '"0002"'))
    _replace_upgrade(above, contract)
    [finding] = copy.verify(url, checks=CHECKS).findings
    assert (finding.revision, finding.object) == ("0003", "customer.name")
    above.write_text(f"{accept.replace('...', '0002')}\n{above.read_text()}")
    report = copy.verify(url, checks=CHECKS)
    assert report.findings == ()
    assert [accepted.finding.object for accepted in report.accepted] == ["customer.name"]


def _replace_upgrade(path: Path, code: str) -> None:
    """Put code in the place of upgrade()'s body, and take the downgrade out."""
    head = path.read_text().partition("def upgrade():\n")[0]
    head = (
        head.replace("from alembic import op", "import sqlalchemy as sa\nfrom alembic import op") if "sa\n" not in head else head
    )
    path.write_text(f"{head}def upgrade():\n{textwrap.indent(code, '    ')}\n")


@pytest.mark.parametrize(
    ("before", "change", "halves_run"),
    [
        ('sa.Column("v", sa.Float(), nullable=False)', 'alter_column("v", existing_type=sa.Float(), type_=sa.String(9))', True),
        ('sa.Column("v", sa.Integer(), nullable=False)', 'alter_column("v", new_column_name="w")', True),
        ('sa.Column("v", sa.String(20))', 'add_column(sa.Column("w", sa.String(9), nullable=False))', True),
        ('sa.Column("v", sa.Integer())', 'alter_column("v", existing_type=sa.Integer(), type_=sa.String(9))', True),
        ('sa.Column("v", sa.String(20), nullable=False)', 'drop_column("v")', True),
        (
            'sa.Column("v", sa.Integer(), nullable=False), sa.Column("w", sa.Integer()), sa.UniqueConstraint("v", "w")',
            'drop_column("v")',
            True,
        ),
        (
            'sa.Column("v", sa.String(20))',
            'alter_column("v", existing_type=sa.String(20), type_=sa.String(50), nullable=False)',
            True,
        ),
        ('sa.Column("v", sa.String(20))', 'alter_column("v", existing_type=sa.String(20), nullable=False)', False),
    ],
    ids=[
        "strict and retyped",
        "strict and renamed",
        "required",
        "retyped",
        "dropped",
        "dropped from a UNIQUE",
        "wide and strict",
        "strict",
    ],
)
def test_the_halves_run_one_after_the_other(tmp_path: Path, before: str, change: str, *, halves_run: bool) -> None:
    """The first half is minded by nobody, and both together leave the schema that the revision wanted."""
    project = PlantedProject(tmp_path)
    project.revision("a", upgrade=f'op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True), {before})')
    project.revision("b", upgrade=f'with op.batch_alter_table("t") as batch_op:\n    batch_op.{change}')
    finding = project.verify(checks=CHECKS).findings[0]
    if not halves_run:
        assert finding.fix.startswith("leave it out of this release; in upgrade() of a revision for the next release")
        assert 'op.execute("UPDATE t SET v = ... WHERE v IS NULL")' in finding.fix
        return
    nullable = "{c['name']: c['nullable'] for c in sa.inspect(op.get_bind()).get_columns('t')}"
    wanted = project.file("wanted.txt", "").root / "wanted.txt"
    project.revision("c", upgrade=f"open({str(wanted)!r}, 'w').write(repr({nullable}))").verify(checks=("upgrade-runs",))
    expand, contract, _ = halves(finding)
    project.revision("b", upgrade=expand, down="a").revision("c", upgrade=contract.replace("...", "''"), down="b")
    project.revision("d", upgrade=f"assert repr({nullable}) == {wanted.read_text()!r}, {nullable}", down="c")
    report = project.verify(checks=("upgrade-runs", *CHECKS))

    assert {finding.revision for finding in report.findings if finding.code == "AP601"} <= {"c"}
    assert {finding.code for finding in report.findings} <= {"AP601", "AP602"}


def test_a_table_without_rows_is_not_proved(tmp_path: Path) -> None:
    """Where no row can be made, what was not tried is said with the reason."""
    project = PlantedProject(tmp_path)
    project.revision(
        "a",
        upgrade="""op.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT CHECK (id < 0))")""",
    )
    project.revision("b", upgrade='op.create_index("uq", "t", ["v"], unique=True)')
    report = project.verify(checks=CHECKS)
    reasons = {verdict.reason for verdict in report.outcomes if verdict.outcome is Outcome.NOT_PROVED}

    assert len(reasons) == 1
    assert str(reasons.pop()).startswith("no row of t could be made: IntegrityError: CHECK constraint failed")


def test_keys_count_on_where_they_were(tmp_path: Path, postgresql_url: str) -> None:
    """What is tried and taken back leaves no gap in the keys that later revisions count on."""
    project = PlantedProject(tmp_path)
    project.revision(
        "a", upgrade='op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("v", sa.Text()))'
    )
    project.revision("b", upgrade='op.create_index("uq", "t", ["v"], unique=True)')
    insert = "op.execute(\"INSERT INTO t (v) VALUES ('first')\")\n"
    project.revision("c", upgrade=insert + 'assert op.get_bind().scalar(sa.text("SELECT max(id) FROM t")) == 1')
    project.revision("d", upgrade='op.alter_column("t", "v", nullable=False)')
    report = project.verify(postgresql_url, checks=CHECKS)

    assert {(finding.revision, finding.object) for finding in report.findings} == {("b", "t.uq"), ("d", "t.v")}
    assert all(verdict.outcome is not Outcome.NOT_PROVED for verdict in report.outcomes)


def test_rows_refer_to_rows_of_the_same_code(tmp_path: Path, postgresql_url: str) -> None:
    """A key that grows by a column with a default is no news to old code, whose parents have the default too."""
    project = PlantedProject(tmp_path)
    project.revision(
        "a",
        upgrade="""
        op.execute("CREATE TABLE p (name text PRIMARY KEY)")
        op.execute("CREATE TABLE c (id int PRIMARY KEY, name text NOT NULL, CONSTRAINT fk FOREIGN KEY (name) REFERENCES p)")
        """,
    )
    project.revision(
        "b",
        upgrade="""
        op.execute("ALTER TABLE c DROP CONSTRAINT fk")
        op.execute("ALTER TABLE p ADD w text NOT NULL DEFAULT 'here', DROP CONSTRAINT p_pkey, ADD PRIMARY KEY (w, name)")
        op.execute("ALTER TABLE c ADD w text NOT NULL DEFAULT 'here'")
        op.execute("ALTER TABLE c ADD CONSTRAINT fk_w FOREIGN KEY (w, name) REFERENCES p")
        """,
    )

    assert [one for one in project.verify(postgresql_url, checks=CHECKS).findings if one.code == "AP601"] == []


def test_a_trigger_is_to_blame(tmp_path: Path) -> None:
    """Where a constraint of both schemas refuses a row that a new trigger has changed, the trigger is told."""
    project = PlantedProject(tmp_path)
    project.revision(
        "a", upgrade="""op.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT CONSTRAINT short CHECK (v < 'b'))")"""
    )
    trigger = "CREATE TRIGGER longer AFTER INSERT ON t BEGIN UPDATE t SET v = 'b' WHERE id = new.id; END"
    project.revision("b", upgrade=f'op.execute("{trigger}")')
    [finding] = project.verify(checks=CHECKS).findings

    assert (finding.code, finding.revision, finding.object) == ("AP601", "b", "t.longer")
    assert "CHECK constraint failed: short" in finding.what


def test_a_view_that_loses_a_column(tmp_path: Path) -> None:
    """A view that is made again with fewer columns is told with the column."""
    project = PlantedProject(tmp_path)
    project.revision(
        "a", upgrade='op.execute("CREATE TABLE t (id INTEGER, v TEXT)")\nop.execute("CREATE VIEW w AS SELECT id, v FROM t")'
    )
    project.revision("b", upgrade='op.execute("DROP VIEW w")\nop.execute("CREATE VIEW w AS SELECT id FROM t")')
    [finding] = project.verify(checks=CHECKS).findings

    assert (finding.object, finding.seen[0]) == ("w.v", 'SELECT "w"."v" FROM "w"')


def test_an_upgrade_that_runs_once_is_not_proved(tmp_path: Path) -> None:
    """Where the upgrade does not run again beside the code, that is the reason."""
    flag = tmp_path / "flag"
    project = PlantedProject(tmp_path).revision("a", upgrade='op.execute("CREATE TABLE t (id INTEGER, v TEXT)")')
    once = f'from pathlib import Path\nflag = Path({str(flag)!r})\nassert not flag.exists(), "once only"\nflag.touch()\n'
    project.revision("b", upgrade=once + 'op.create_index("uq", "t", ["v"], unique=True)', downgrade=None)
    report = project.verify(checks=CHECKS)

    assert {v.reason for v in report.outcomes if v.outcome is Outcome.NOT_PROVED} == {
        "the upgrade of b failed when it ran again: AssertionError: once only"
    }


def test_a_trigger_that_ends_the_transaction(tmp_path: Path) -> None:
    """What cannot be taken back is not tried to the end, and the revisions above it are."""
    project = PlantedProject(tmp_path)
    ends = "CREATE TRIGGER no BEFORE INSERT ON t BEGIN SELECT RAISE(ROLLBACK, 'never'); END"
    project.revision("a", upgrade=f'op.execute("CREATE TABLE t (id INTEGER, v TEXT)")\nop.execute("{ends}")')
    project.revision("b", upgrade='op.create_index("uq", "t", ["v"], unique=True)')
    project.revision("c", upgrade='op.execute("CREATE TABLE u (id INTEGER, v TEXT)")')
    project.revision("d", upgrade='op.create_index("uq_u", "u", ["v"], unique=True)')
    report = project.verify(checks=CHECKS)
    [reason] = {(v.revision, v.reason) for v in report.outcomes if v.outcome is Outcome.NOT_PROVED}

    assert reason == ("b", "the code could not be tried to the end: OperationalError: no such savepoint: a_try")
    assert [(finding.revision, finding.object) for finding in report.findings] == [("d", "u.uq_u")]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
def test_the_two_halves_of_a_table_s_new_name(tmp_path: Path, kind: str, request: pytest.FixtureRequest) -> None:
    """A table renamed with one of its columns: both halves run, old code minds the second alone, and the names are as wanted."""
    url = kind if kind == "sqlite" else request.getfixturevalue(f"{kind}_url")
    columns = 'sa.Column("job_id", sa.String(9)), sa.Column("state", sa.Text()), sa.Column("at", sa.DateTime())'
    project = PlantedProject(tmp_path)
    project.revision("a", f'op.create_table("job", sa.Column("id", sa.Integer(), primary_key=True), {columns})')
    renamed = ', existing_type=sa.String(9), existing_nullable=True, new_column_name="job_name")'
    project.revision("b", f'op.alter_column("job", "job_id"{renamed}\nop.rename_table("job", "runs")')
    [finding] = project.verify(url, checks=("AP601",)).findings
    expand, contract, _ = halves(finding)
    reads = "op.execute(\"INSERT INTO job (id, job_id, state) VALUES (1, 'x', 'y')\")\nop.execute(\"SELECT at FROM job\")"
    project.revision("b", f"{expand}\n{reads}", down="a").revision("c", contract, down="b")
    project.revision("d", 'op.execute("SELECT job_name, state, at FROM runs")', down="c")
    project.revision("e", "assert sa.inspect(op.get_bind()).get_table_names() == ['alembic_version', 'runs']", down="d")
    report = project.verify(url, checks=("AP301", "AP601"))

    assert finding.object == "job"
    assert [(one.code, one.revision, one.object) for one in report.findings] == [("AP601", "c", "job")]


def test_a_key_that_is_always_counted(tmp_path: Path, postgresql_url: str) -> None:
    """A table whose key the database alone may count has rows to read and to update, too."""
    project = PlantedProject(tmp_path)
    key = 'sa.Column("id", sa.Integer(), sa.Identity(always=True), primary_key=True)'
    project.revision("a", upgrade=f'op.create_table("t", {key}, sa.Column("v", sa.String(20)))')
    project.revision("b", upgrade='op.alter_column("t", "v", type_=sa.String(30))')
    report = project.verify(postgresql_url, checks=("AP601",))

    assert report.findings == ()
    assert {(verdict.outcome, verdict.reason) for verdict in report.outcomes} == {(Outcome.PROVED, None)}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
def test_a_parent_that_may_not_go_any_more(tmp_path: Path, kind: str, request: pytest.FixtureRequest) -> None:
    """A DELETE that took the children along, and is refused now, is told with the foreign key; new code waits for the reverse."""
    url = kind if kind == "sqlite" else request.getfixturevalue(f"{kind}_url")
    env_py = ENV_PY + "# The application's own engine says PRAGMA foreign_keys=ON\n"
    project = PlantedProject(tmp_path, env_py=env_py)
    key = "sa.ForeignKeyConstraint(['p'], ['parent.id'], name='fk_p', ondelete='CASCADE')"
    table = 'sa.Column("id", sa.Integer(), primary_key=True)'
    columns = f'{table}, sa.Column("p", sa.Integer(), nullable=False), {key}'
    project.revision("a", f'op.create_table("parent", {table})\nop.create_table("child", {columns})')
    again = 'with op.batch_alter_table("child") as batch:\n    batch.drop_constraint("fk_p", type_="foreignkey")\n'
    again += '    batch.create_foreign_key("fk_p", "parent", ["p"], ["id"]'
    project.revision("b", f"{again})").revision("c", f"{again}, ondelete='CASCADE')")
    report = project.verify(url, checks=CHECKS)
    told = [(one.code, one.revision, one.object) for one in report.findings]

    assert told == [("AP601", "b", "child.fk_p"), ("AP602", "c", "child.fk_p")], render_findings(report.findings)
    assert report.findings[0].what.startswith("A DELETE of a row of parent that one of child refers to ran before the upgrade")


def test_row_security_is_not_proved(tmp_path: Path, postgresql_url: str) -> None:
    """Rows that a policy hides from the application's role are seen by who proves: that is said, of a switch and of a policy."""
    project = PlantedProject(tmp_path).revision("a", 'op.execute("CREATE TABLE t (id int PRIMARY KEY, owner text)")')
    project.revision("b", 'op.execute("ALTER TABLE t ENABLE ROW LEVEL SECURITY")')
    project.revision("c", 'op.execute("CREATE POLICY own ON t USING (owner = current_user)")')
    new = ("CREATE TABLE u (id int)", "CREATE POLICY own ON u USING (true)", "ALTER TABLE u ENABLE ROW LEVEL SECURITY")
    project.revision("d", "\n".join(f'op.execute("{one}")' for one in new))
    report = project.verify(postgresql_url, checks=("AP601",))
    why = "row security of t changes, which does not hold back the owner of the tables, by whom all was sent"

    assert {one.revision: one.reason for one in report.outcomes} == {"a": None, "b": why, "c": why, "d": None}
