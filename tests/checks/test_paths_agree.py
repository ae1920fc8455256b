"""AP306: a schema that depends on the way there."""

from pathlib import Path

import pytest

from alembic_proof.findings import Outcome
from alembic_proof.testing import PlantedProject
from tests.checks.copies import Planted

CHECKS = ("upgrade-runs", "downgrade-runs", "downgrade-restores-schema", "upgrade-repeats", "paths-agree")


def with_table(tmp_path: Path) -> PlantedProject:
    """A base with a table, for what stands on it."""
    project = PlantedProject(tmp_path)
    return project.revision(
        "first", upgrade='op.create_table("t", sa.Column("name", sa.String(10)))', downgrade='op.drop_table("t")'
    )


def test_the_printed_dependency_gives_an_order(planted: Planted) -> None:
    """Pasted, the line lets the branch that uses the other's column run after it on every way."""
    copy = planted("paths_agree", "bad")
    [finding] = copy.verify("sqlite", checks=CHECKS).findings
    file, code = finding.fix.removeprefix("in ").split(":  ")
    copy.assign(file, code)
    report = copy.verify("sqlite", checks=CHECKS)

    assert report.findings == ()
    assert {verdict.outcome for verdict in report.outcomes} == {Outcome.PROVED}


@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mariadb"])
def test_two_branches_make_the_same_table(tmp_path: Path, database: str, request: pytest.FixtureRequest) -> None:
    """IF NOT EXISTS hides that two branches mean different tables: who ran first decides, and both ways are shown."""
    url = database if database == "sqlite" else request.getfixturevalue(f"{database}_url")
    project = with_table(tmp_path)
    project.revision("a", upgrade='op.execute("CREATE TABLE s (x INTEGER)")', downgrade='op.drop_table("s")')
    made = 'op.execute("CREATE TABLE IF NOT EXISTS s (x INTEGER, y INTEGER)")'
    project.revision("b", upgrade=made, down="first").revision("merge", down=("b", "a"))
    project.revision("top", upgrade='op.create_table("u", sa.Column("id", sa.Integer()))', downgrade='op.drop_table("u")')
    [finding] = project.verify(url, checks=CHECKS).findings

    assert (finding.code, finding.revision) == ("AP306", "b")
    assert finding.what.startswith("The upgrade of a failed on one way and ran on another: ")
    assert finding.seen[:2] == ("one way    upgrade a, upgrade b", "the other  upgrade b, upgrade a")
    assert finding.fix == "in migrations/versions/b_planted.py:  depends_on = 'a'"


def test_the_later_branch_wins(tmp_path: Path) -> None:
    """Where both orders run and leave two schemas, the object that differs is shown as each way left it."""
    project = with_table(tmp_path)
    make = 'op.execute("CREATE INDEX IF NOT EXISTS ix ON t ({})")'
    project.revision("a", upgrade=make.format("name"), downgrade='op.execute("DROP INDEX IF EXISTS ix")')
    project.revision("b", upgrade=make.format("name DESC"), down="first").revision("merge", down=("b", "a"))
    [finding] = project.verify(checks=CHECKS).findings

    assert (finding.code, finding.revision, finding.object) == ("AP306", "b", "t.ix")
    assert "after upgrade a, upgrade b" in finding.what
    assert finding.what.endswith("after upgrade b, upgrade a.")
    assert finding.effect == "Two databases at the same revision have different schemas."
    assert any(line.startswith("~ INDEX ix ON t") for line in finding.seen)


def test_across_branches_and_back(tmp_path: Path) -> None:
    """A downgrade that leaves rows behind stops the other branch when both go down and up again."""
    project = with_table(tmp_path)
    project.revision("a", downgrade="op.execute(\"INSERT INTO t (name) VALUES ('left')\")")
    refuse = 'assert op.get_bind().scalar(sa.text("SELECT count(*) FROM t")) == 0, "rows"'
    project.revision("b", upgrade=refuse, down="first").revision("merge", down=("b", "a"))
    [finding] = project.verify(checks=CHECKS).findings

    assert (finding.code, finding.revision, finding.line) == ("AP306", "b", 11)
    assert finding.what == "The upgrade of b failed on one way and ran on another: AssertionError: rows"
    assert finding.seen[1] == "the other  upgrade a, downgrade b, downgrade a, upgrade b"
    assert "in migrations/versions/b_planted.py or migrations/versions/a_planted.py" in finding.fix


def test_several_down_and_up_again(tmp_path: Path) -> None:
    """Each revision goes down and up alone, and yet two in a row do not: the shortest way that shows it is told."""
    project = with_table(tmp_path)
    refuse = 'assert op.get_bind().scalar(sa.text("SELECT count(*) FROM t")) == 0, "rows"'
    project.revision("strict", upgrade=refuse)
    project.revision("left", downgrade="op.execute(\"INSERT INTO t (name) VALUES ('left')\")")
    [finding] = project.verify(checks=CHECKS).findings

    assert (finding.code, finding.revision) == ("AP306", "strict")
    assert finding.seen[1] == "the other  upgrade left, downgrade left, downgrade strict, upgrade strict"


def test_a_downgrade_that_takes_more_after_others(tmp_path: Path) -> None:
    """A downgrade that goes by rows, which another downgrade left, leaves another schema."""
    project = with_table(tmp_path)
    down = 'if op.get_bind().scalar(sa.text("SELECT count(*) FROM t")):\n    op.create_index("ix", "t", ["name"])'
    project.revision("by_rows", downgrade=down)
    project.revision("left", downgrade="op.execute(\"INSERT INTO t (name) VALUES ('left')\")")
    [finding] = project.verify(checks=CHECKS).findings

    assert (finding.code, finding.revision, finding.direction) == ("AP306", "by_rows", "downgrade")
    assert finding.what.startswith("Index ix on table t was there after upgrade first, upgrade by_rows, upgrade left, down")


def test_only_one_of_two_is_judged(tmp_path: Path) -> None:
    """A pull request that adds the earlier of two branches is told, although the other is not its own."""
    project = with_table(tmp_path).revision(
        "a", upgrade='op.create_table("u", sa.Column("id", sa.Integer()))', downgrade='op.drop_table("u")'
    )
    project.revision("b", upgrade='op.create_index("ix", "u", ["id"])', downgrade='op.drop_index("ix", "u")', down="first")
    project.revision("merge", down=("b", "a"))
    report = project.verify(checks=("paths-agree",), revisions="a")

    assert [(finding.code, finding.revision) for finding in report.findings] == [("AP306", "a")]
    assert report.findings[0].fix == "in migrations/versions/b_planted.py:  depends_on = 'a'"


def test_a_round_trip_that_is_broken_is_told_once(tmp_path: Path) -> None:
    """What AP303 says is not said again: not proved, with the reason."""
    project = with_table(tmp_path).revision("a", upgrade='op.create_index("ix", "t", ["name"])')
    report = project.verify(checks=CHECKS)

    assert [finding.code for finding in report.findings] == ["AP303"]
    assert [(v.revision, v.reason) for v in report.outcomes if v.check == "paths-agree" and v.reason] == [
        ("a", "its downgrade did not restore the schema")
    ]


def test_a_type_that_a_downgrade_dropped_is_made_again(tmp_path: Path, postgresql_url: str) -> None:
    """Alembic makes an enum once in a command; the command after a downgrade makes it again, and so do several steps here."""
    mood = 'sa.Column("mood", sa.Enum("sad", "happy", name="mood"), nullable=False)'
    project = with_table(tmp_path)
    project.revision(
        "a",
        upgrade=f'op.create_table("u", sa.Column("id", sa.Integer()), {mood})',
        downgrade='op.drop_table("u")\nsa.Enum(name="mood").drop(op.get_bind())',
    )
    for name in "bcd":
        project.revision(name, f'op.create_table("{name}", sa.Column("id", sa.Integer()))', f'op.drop_table("{name}")')

    assert project.verify(postgresql_url, checks=CHECKS).findings == ()
