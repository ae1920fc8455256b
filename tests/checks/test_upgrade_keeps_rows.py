"""AP502: what became of the values of each old column."""

from pathlib import Path

from alembic_proof.findings import Outcome
from alembic_proof.testing import ENV_PY, PlantedProject
from tests.checks.row_hazard import FOREIGN_KEYS_ON, batch, table

CHECKS = ("upgrade-keeps-rows",)
ONE_WAY = 'raise NotImplementedError("no way back")'


def test_the_printed_rename_keeps_the_values(tmp_path: Path) -> None:
    """In the place of the drop and the add, the printed line silences the finding."""
    project = PlantedProject(tmp_path).revision("a", table('sa.Column("name", sa.String(99))'), 'op.drop_table("t")')
    project.revision("b", 'op.drop_column("t", "name")\nop.add_column("t", sa.Column("full_name", sa.String(99)))', ONE_WAY)
    [finding] = project.findings(checks=CHECKS)
    path = tmp_path / str(finding.file)
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if "_column(" not in line]
    code = finding.fix.partition(":  ")[2]
    path.write_text("\n".join(lines).replace("def upgrade():", f"def upgrade():\n    {code}") + "\n", encoding="utf-8")

    assert finding.what == "Column t.name was dropped and t.full_name came without its values: a rename that loses it."
    assert project.findings(checks=CHECKS) == ()


def test_the_printed_comment_accepts_the_loss(tmp_path: Path) -> None:
    """Above upgrade(), the printed comment turns the finding into an accepted one."""
    project = PlantedProject(tmp_path).revision("a", table('sa.Column("s", sa.String(20))'), 'op.drop_table("t")')
    project.revision("b", 'op.drop_column("t", "s")', ONE_WAY)
    [finding] = project.findings(checks=CHECKS)
    path = tmp_path / str(finding.file)
    comment = finding.fix[finding.fix.index("# proof:") :]
    path.write_text(path.read_text(encoding="utf-8").replace("def upgrade", f"{comment}\ndef upgrade"), encoding="utf-8")

    assert finding.what == "Column t.s is gone, and its values are nowhere else."
    assert project.findings(checks=CHECKS) == ()


def test_two_values_that_became_one_are_both_shown(tmp_path: Path) -> None:
    """A loss is shown by the two plainest values that can no longer be told apart."""
    project = PlantedProject(tmp_path).revision("a", table('sa.Column("s", sa.String(20), nullable=False)'), 'op.drop_table("t")')
    project.revision("b", "op.execute('UPDATE t SET s = lower(s)')", ONE_WAY)
    [finding] = project.findings(checks=CHECKS)

    assert finding.what == "Two values of t.s became one: 'A' and 'a'."
    assert finding.seen == ("'A' -> 'a'", "'a' -> 'a'")


def test_a_column_that_moved_is_kept(tmp_path: Path) -> None:
    """Under another name, in another type, split into two: where all values can still be told apart, nothing is lost."""
    project = PlantedProject(tmp_path)
    project.revision("a", table('sa.Column("n", sa.Integer()), sa.Column("s", sa.String(20))'), 'op.drop_table("t")')
    project.revision(
        "b",
        'op.add_column("t", sa.Column("m", sa.String(20)))\nop.add_column("t", sa.Column("head", sa.String(20)))\n'
        'op.add_column("t", sa.Column("tail", sa.String(20)))\n'
        "op.execute(\"UPDATE t SET m = 'number ' || n, head = substr(s, 1, 1), tail = substr(s, 2)\")\n"
        'op.drop_column("t", "n")\nop.drop_column("t", "s")',
        ONE_WAY,
    )

    assert project.findings(checks=CHECKS) == ()


def test_a_rebuild_that_acts_on_children_is_told_as_what_it_is(tmp_path: Path) -> None:
    """On SQLite with foreign keys on, dropping the old table empties or deletes what refers to it."""
    refers = 'sa.Column("p_id", sa.Integer(), sa.ForeignKey("p.id", ondelete="{}"))'
    project = PlantedProject(tmp_path, env_py=FOREIGN_KEYS_ON)
    project.revision(
        "a",
        "\n".join(
            (
                table('sa.Column("s", sa.String(20))', "p"),
                table(refers.format("CASCADE"), "c"),
                table(refers.format("SET NULL"), "d"),
            )
        ),
        None,
    )
    project.revision("b", batch('b.alter_column("s", type_=sa.String(60), existing_type=sa.String(20))', "p"), ONE_WAY)
    deleted, emptied = project.findings(checks=CHECKS)

    assert deleted.what.startswith("Rebuilding table p deleted ")
    assert deleted.what.endswith(" of c: foreign keys were on, and dropping the old table acted on them.")
    assert emptied.what == "Rebuilding table p emptied d.p_id: foreign keys were on, and its dropping acted on it."
    assert deleted.fix == emptied.fix

    env_py = tmp_path / "migrations/env.py"
    line = deleted.fix.partition(":  ")[2]
    text = env_py.read_text(encoding="utf-8")
    env_py.write_text(
        text.replace("        context.configure(connection", f"        {line}\n        context.configure(connection"),
        encoding="utf-8",
    )
    assert project.findings(checks=CHECKS) == ()


def test_rows_that_a_statement_deletes_are_not_laid_on_the_rebuild(tmp_path: Path) -> None:
    """Without foreign keys a batch rebuild acts on nothing; with them, a DELETE of the revision's own is told before it."""
    refers = 'sa.Column("p_id", sa.Integer(), sa.ForeignKey("p.id", ondelete="CASCADE")), sa.Column("s", sa.String(9))'
    parent, child = table('sa.Column("s", sa.String(20))', "p"), table(refers, "c")
    rebuild = batch('b.alter_column("s", type_=sa.String(60), existing_type=sa.String(20))', "p")
    delete = 'op.execute("DELETE FROM c WHERE s IS NULL")\nop.execute("DELETE FROM p WHERE id = 1")'
    for name, env_py in (("off", ENV_PY), ("on", FOREIGN_KEYS_ON)):
        project = PlantedProject(tmp_path / name, env_py=env_py)
        project.revision("a", f"{parent}\n{child}", None).revision("b", f"{delete}\n{rebuild}", ONE_WAY)
        told = {finding.object: finding.what for finding in project.findings(checks=CHECKS)}

        assert set(told) == {"c", "p"}
        assert all("were gone after the upgrade" in what for what in told.values())


def test_what_a_backfill_writes_is_no_loss(tmp_path: Path) -> None:
    """A NULL that gets a value loses none; a value that is written over is kept where a new table holds it."""
    backfill = "op.execute(\"UPDATE t SET s = 'unknown' WHERE s IS NULL\")"
    project = PlantedProject(tmp_path).revision("a", table('sa.Column("s", sa.String(20))'), 'op.drop_table("t")')
    project.revision("b", backfill, ONE_WAY)
    saved = table('sa.Column("t_id", sa.Integer()), sa.Column("was", sa.String(20))', "u")
    copy = 'op.execute("INSERT INTO u (t_id, was) SELECT id, s FROM t WHERE s IS NOT NULL")'
    project.revision("c", f"{saved}\n{copy}\nop.execute(\"UPDATE t SET s = 'old'\")", ONE_WAY)

    assert project.findings(checks=CHECKS) == ()


def test_a_column_without_a_value_to_follow_is_not_proved(tmp_path: Path) -> None:
    """Where the revision refuses every row that had a value, nobody can say that it was lost."""
    refuse = """
for row in op.get_bind().execute(sa.text("SELECT s FROM t WHERE s <> ''")):
    raise RuntimeError(f"move {row.s!r} first")
op.drop_column("t", "s")
"""
    project = PlantedProject(tmp_path).revision("a", table('sa.Column("s", sa.String(20))'), 'op.drop_table("t")')
    report = project.revision("b", refuse, ONE_WAY).verify(checks=CHECKS)
    [reason] = [outcome.reason for outcome in report.outcomes if outcome.outcome is Outcome.NOT_PROVED]

    assert report.findings == ()
    assert reason == "no row had a value in t.s to be followed"


def test_the_rows_that_are_left_prove_nothing(tmp_path: Path) -> None:
    """Where the upgrade fails on some rows, it is not proved that it keeps the others: few may be left to compare."""
    project = PlantedProject(tmp_path).revision(
        "a", 'op.create_table("t", sa.Column("id", sa.Integer()), sa.Column("s", sa.Text()))'
    )
    project.revision("b", 'op.create_index("ix_s", "t", ["s"], unique=True)')
    report = project.verify(checks=("AP501", "AP502"), revisions="b")

    assert [finding.code for finding in report.findings] == ["AP501"]
    assert {one.check: one.outcome for one in report.outcomes} == {
        "upgrade-accepts-rows": Outcome.BROKEN,
        "upgrade-keeps-rows": Outcome.NOT_PROVED,
    }
