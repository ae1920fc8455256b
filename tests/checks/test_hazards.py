"""What goes wrong with migrations, planted: the codes that come out, and the clean twin on which nobody speaks."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from alembic_proof.reports.text import render_findings
from alembic_proof.testing import ENV_PY, PlantedProject

BY_RUNNING = ("AP101", "AP102", "AP301", "AP302", "AP303", "AP304", "AP305", "AP307", "AP401")
ENV_WITH_MODELS = ENV_PY.replace("target_metadata = None", "import models\ntarget_metadata = models.metadata")
ALL = ("sqlite", "postgresql", "mariadb")
HEADER = "import sqlalchemy as sa\n\nmetadata = sa.MetaData()\n"

PARENT = 'sa.Table("parent", metadata, sa.Column("id", sa.Integer(), primary_key=True))\n'
MAKE_PARENT = 'op.create_table("parent", sa.Column("id", sa.Integer(), primary_key=True))'
DROP_PARENT = 'op.drop_table("parent")'


@dataclass(frozen=True, kw_only=True)
class Hazard:
    """One bug: the part that is wrong and what it is in the clean twin, put in the place of @ in one of the texts.

    The history is a first revision that makes `first`, and a second one with `upgrade` and `downgrade`.
    """

    name: str
    codes: set[str]
    bad: str
    clean: str
    first: str = MAKE_PARENT
    drop_first: str = DROP_PARENT
    upgrade: str = "pass"
    downgrade: str | None = "pass"
    models: str | None = None
    on: tuple[str, ...] = ALL

    def plant(self, root: Path, part: str) -> PlantedProject:
        project = PlantedProject(root, env_py=ENV_PY if self.models is None else ENV_WITH_MODELS)
        if self.models is not None:
            project.file("models.py", HEADER + self.models.replace("@", part))
        project.revision("0001", upgrade=self.first.replace("@", part), downgrade=self.drop_first)
        return project.revision(
            "0002",
            upgrade=self.upgrade.replace("@", part),
            downgrade=None if self.downgrade is None else self.downgrade.replace("@", part),
        )


def model(columns: str) -> str:
    """One table `t` of the models."""
    return f'sa.Table("t", metadata, sa.Column("id", sa.Integer(), primary_key=True), {columns})\n'


def table(columns: str) -> str:
    """The same table, made by a migration."""
    return f'op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True), {columns})'


N = 'sa.Column("n", sa.Integer(), nullable=False)'
S = 'sa.Column("s", sa.String(50), nullable=False)'
DROP_T = 'op.drop_table("t")'
MANY = 'sa.Column("s", sa.String(50), nullable=False, server_default="x")'

HAZARDS = (
    Hazard(
        name="index left by downgrade",
        codes={"AP303"},
        upgrade='op.create_index("ix_parent", "parent", ["id"])',
        downgrade="@",
        bad="op.execute('SELECT 1')",
        clean='op.drop_index("ix_parent", "parent")',
    ),
    Hazard(
        name="index left by downgrade, with if_not_exists",
        codes={"AP303"},
        upgrade='op.create_index("ix_parent", "parent", ["id"], if_not_exists=True)',
        downgrade="@",
        bad="op.execute('SELECT 1')",
        clean='op.drop_index("ix_parent", "parent")',
        on=("sqlite", "postgresql"),
    ),
    Hazard(
        name="CHECK in the models only",
        codes={"AP401"},
        models=model(N + ', sa.CheckConstraint("n > 0", name="ck_n")'),
        first=table(N + "@"),
        drop_first=DROP_T,
        bad="",
        clean=', sa.CheckConstraint("n > 0", name="ck_n")',
    ),
    Hazard(
        name="CHECK with another text",
        codes={"AP401"},
        models=model(N + ', sa.CheckConstraint("n > 0", name="ck_n")'),
        first=table(N + ', sa.CheckConstraint("@", name="ck_n")'),
        drop_first=DROP_T,
        bad="n >= 0",
        clean="n > 0",
    ),
    Hazard(
        name="server default differs",
        codes={"AP401"},
        models=model('sa.Column("n", sa.Integer(), nullable=False, server_default="1")'),
        first=table('sa.Column("n", sa.Integer(), nullable=False, server_default="@")'),
        drop_first=DROP_T,
        bad="2",
        clean="1",
    ),
    Hazard(
        name="nullability differs",
        codes={"AP401"},
        models=model(N),
        first=table('sa.Column("n", sa.Integer(), nullable=@)'),
        drop_first=DROP_T,
        bad="True",
        clean="False",
    ),
    Hazard(
        name="ON DELETE differs",
        codes={"AP401"},
        models=PARENT
        + model('sa.Column("p", sa.Integer(), sa.ForeignKey("parent.id", name="fk_p", ondelete="CASCADE"), index=True)'),
        first=MAKE_PARENT
        + "\n"
        + table('sa.Column("p", sa.Integer(), sa.ForeignKey("parent.id", name="fk_p"@))')
        + '\nop.create_index("ix_t_p", "t", ["p"])',
        drop_first=f"{DROP_T}\n{DROP_PARENT}",
        bad="",
        clean=', ondelete="CASCADE"',
    ),
    Hazard(
        name="primary key differs",
        codes={"AP401"},
        models='sa.Table("t", metadata, sa.Column("a", sa.Integer()), sa.Column("b", sa.Integer(), nullable=False), '
        'sa.PrimaryKeyConstraint("a", "b"))\n',
        first='op.create_table("t", sa.Column("a", sa.Integer(), nullable=False, autoincrement=False), '
        'sa.Column("b", sa.Integer(), nullable=False), sa.PrimaryKeyConstraint(@))',
        drop_first=DROP_T,
        bad='"b", "a"',
        clean='"a", "b"',
    ),
    Hazard(
        name="enum labels differ",
        codes={"AP401"},
        models=model('sa.Column("mood", sa.Enum("sad", "ok", "happy", name="mood"))'),
        first=table('sa.Column("mood", sa.Enum(@, name="mood"))'),
        drop_first=f"{DROP_T}\nsa.Enum(name='mood').drop(op.get_bind(), checkfirst=True)",
        bad='"sad", "ok"',
        clean='"sad", "ok", "happy"',
        on=("postgresql", "mariadb"),
    ),
    Hazard(
        name="the predicate of a partial index differs",
        codes={"AP401"},
        models=model(N)
        + 'sa.Index("ix_n", metadata.tables["t"].c.n, sqlite_where=sa.text("n > 0"), postgresql_where=sa.text("n > 0"))\n',
        first=table(N) + '\nop.create_index("ix_n", "t", ["n"], sqlite_where=sa.text("@"), postgresql_where=sa.text("@"))',
        drop_first=DROP_T,
        bad="n > 1",
        clean="n > 0",
        on=("sqlite", "postgresql"),
    ),
    Hazard(
        name="a view of the models missing from the migrations",
        codes={"AP401"},
        models=PARENT + 'sa.event.listen(metadata, "after_create", sa.DDL("CREATE VIEW v AS SELECT id FROM parent"))\n',
        first=MAKE_PARENT + "@",
        drop_first="op.execute('DROP VIEW IF EXISTS v')\n" + DROP_PARENT,
        bad="",
        clean='\nop.execute("CREATE VIEW v AS SELECT id FROM parent")',
    ),
    Hazard(
        name="a trigger of the models missing from the migrations",
        codes={"AP401"},
        models=PARENT
        + 'sa.event.listen(metadata, "after_create", sa.DDL("CREATE TRIGGER tr AFTER INSERT ON parent BEGIN SELECT 1; END"))\n',
        first=MAKE_PARENT + "@",
        bad="",
        clean='\nop.execute("CREATE TRIGGER tr AFTER INSERT ON parent BEGIN SELECT 1; END")',
        on=("sqlite",),
    ),
    Hazard(
        name="`pass` as downgrade of DDL",
        codes={"AP303"},
        upgrade='op.add_column("parent", sa.Column("n", sa.Integer()))',
        downgrade="@",
        bad="pass",
        clean='op.drop_column("parent", "n")',
    ),
    Hazard(
        name="`pass` as downgrade of data",
        codes={"AP304"},
        upgrade='op.execute("INSERT INTO parent (id) VALUES (1)")',
        downgrade="@",
        bad="pass",
        clean='op.execute("DELETE FROM parent WHERE id = 1")',
    ),
    Hazard(
        name="--sql crashes",
        codes={"AP305"},
        upgrade='rows = @\nop.bulk_insert(sa.table("parent", sa.column("id", sa.Integer)), [{"id": rows + 1}])',
        downgrade='op.execute("DELETE FROM parent")',
        bad='op.get_bind().execute(sa.text("SELECT count(*) FROM parent")).scalar_one()',
        clean="0",
    ),
    Hazard(
        name="downgrade restores another type",
        codes={"AP303"},
        first=table(MANY),
        drop_first=DROP_T,
        upgrade='op.drop_column("t", "s")',
        downgrade='op.add_column("t", sa.Column("s", sa.String(@), nullable=False, server_default="x"))',
        bad="100",
        clean="50",
    ),
    Hazard(
        name="downgrade restores another nullability",
        codes={"AP303"},
        first=table(S),
        drop_first=DROP_T,
        upgrade='op.drop_column("t", "s")',
        downgrade='op.add_column("t", sa.Column("s", sa.String(50), nullable=@, server_default="x"))\n'
        'with op.batch_alter_table("t") as b:\n'
        '    b.alter_column("s", existing_type=sa.String(50), existing_nullable=@, server_default=None)',
        bad="True",
        clean="False",
    ),
    Hazard(
        name="downgrade loses a default",
        codes={"AP303"},
        first=table(MANY),
        drop_first=DROP_T,
        upgrade='op.drop_column("t", "s")',
        downgrade='op.add_column("t", sa.Column("s", sa.String(50), nullable=False, server_default="x"))\n@',
        bad='with op.batch_alter_table("t") as b:\n'
        '    b.alter_column("s", existing_type=sa.String(50), existing_nullable=False, server_default=None)',
        clean="",
    ),
    Hazard(
        name="downgrade does not restore a view",
        codes={"AP303"},
        first=MAKE_PARENT + '\nop.execute("CREATE VIEW v AS SELECT id FROM parent")',
        drop_first="op.execute('DROP VIEW v')\n" + DROP_PARENT,
        upgrade='op.execute("DROP VIEW v")',
        downgrade="@",
        bad="pass",
        clean='op.execute("CREATE VIEW v AS SELECT id FROM parent")',
    ),
    Hazard(
        name="downgrade leaves an enum type",
        codes={"AP303"},
        upgrade=table('sa.Column("mood", sa.Enum("sad", "ok", name="mood"))'),
        downgrade=f"{DROP_T}\n@",
        bad="",
        clean="op.execute('DROP TYPE mood')",
        on=("postgresql",),
    ),
)

CASES = [pytest.param(hazard, database, id=f"{hazard.name}-{database}") for hazard in HAZARDS for database in hazard.on]


@pytest.mark.parametrize(("hazard", "database"), CASES)
def test_the_bug_is_told_and_its_clean_twin_is_not(
    hazard: Hazard, database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The bug yields exactly its codes; the same project without it yields nothing."""
    url = database if database == "sqlite" else request.getfixturevalue(f"{database}_url")
    bad = hazard.plant(tmp_path / "bad", hazard.bad).findings(url, checks=BY_RUNNING)
    clean = hazard.plant(tmp_path / "clean", hazard.clean).findings(url, checks=BY_RUNNING)

    assert {finding.code for finding in bad} == hazard.codes, render_findings(bad)
    assert clean == (), render_findings(clean)


def test_two_heads(tmp_path: Path) -> None:
    """Two revisions on one parent."""
    project = PlantedProject(tmp_path).revision("a").revision("b", down="a").revision("c", down="a")

    assert [finding.code for finding in project.findings(checks=BY_RUNNING)] == ["AP101"]


USES_MODELS = """
from sqlalchemy.orm import Session
@
with Session(op.get_bind()) as session:
    session.execute(sa.select(User)).all()
"""


def test_a_migration_that_queries_live_models(tmp_path: Path) -> None:
    """The model has moved on since: the import is told by AP105, the column that is not there yet by AP301."""
    project = PlantedProject(
        tmp_path,
        env_py=ENV_PY.replace("target_metadata = None", "import shop.models\ntarget_metadata = shop.models.Base.metadata"),
    )
    project.file("shop/__init__.py", "")
    project.file(
        "shop/models.py",
        """
        from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

        class Base(DeclarativeBase):
            pass

        class User(Base):
            __tablename__ = "users"
            id: Mapped[int] = mapped_column(primary_key=True)
            nickname: Mapped[str | None]
        """,
    )
    project.revision(
        "a",
        upgrade='op.create_table("users", sa.Column("id", sa.Integer(), primary_key=True))',
        downgrade='op.drop_table("users")',
    )
    own = 'User = sa.table("users", sa.column("id"))'
    declared = 'from alembic import context\nif context.is_offline_mode():\n    raise RuntimeError("reads rows")\n'
    nickname = 'op.add_column("users", sa.Column("nickname", sa.String()))'
    project.revision("b", upgrade=declared + USES_MODELS.replace("@", "from shop.models import User"))
    project.revision("c", upgrade=nickname, downgrade='op.drop_column("users", "nickname")')
    bad = project.findings()
    project.revision("b", upgrade=declared + USES_MODELS.replace("@", own), down="a")
    clean = project.findings()

    assert {(finding.code, finding.revision) for finding in bad} == {("AP105", "b"), ("AP301", "b")}
    assert clean == (), render_findings(clean)
