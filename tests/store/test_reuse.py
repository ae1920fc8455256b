"""What an earlier run saw is used again, and the report is the one that a run without it would write."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.store.proving import CHEAP, WITH_MODELS, Kept, assert_equal_without, told, unchanged

ALL: tuple[str, ...] = ()
MODELS = """\
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "item"
    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(50), nullable=False)
"""
TABLE = """\
op.create_table(
    "item", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("name", sa.String(50), nullable=False)
)"""
COLOUR = 'op.add_column("item", sa.Column("colour", sa.String(9)))'
NO_COLOUR = 'with op.batch_alter_table("item") as batch:\n    batch.drop_column("colour")'


def linear(tmp_path: Path) -> Kept:
    """Three revisions: a table, rows, an index whose downgrade leaves it behind."""
    project = Kept(tmp_path, env_py=WITH_MODELS).file("models.py", MODELS)
    project.tracing("a1", TABLE, 'op.drop_table("item")')
    project.tracing("b2", "op.execute(\"INSERT INTO item (name) VALUES ('one')\")", 'op.execute("DELETE FROM item")')
    return project.tracing("c3", 'op.create_index("ix_name", "item", ["name"])')


def add_a_colour(project: Kept) -> None:
    """What a pull request does: a revision, and the column in the models."""
    project.tracing("d4", COLOUR, NO_COLOUR)
    project.file("models.py", MODELS + "    colour = sa.Column(sa.String(9))\n")


def test_nothing_changed(tmp_path: Path) -> None:
    """No revision is run, and the findings are the same."""
    project = linear(tmp_path)
    first = project.prove(checks=ALL)
    assert project.ran() == {"a1", "b2", "c3"}
    second = project.prove(checks=ALL)

    assert (project.ran(), unchanged(second), told(second)) == (set(), 3, told(first))
    assert {finding.code for finding in second.findings} >= {"AP303"}


def test_what_hypothesis_keeps_for_itself(tmp_path: Path) -> None:
    """It keeps a table of Unicode where there is none, in the folder in which it was loaded: that is no input."""
    (here := tmp_path / "here").mkdir()
    making = f"""\
from hypothesis import configuration
from hypothesis.internal import charmap

configuration.set_hypothesis_home_dir({str(here / ".hypothesis")!r})
charmap._charmap = None
charmap.charmap()
"""
    project = Kept(tmp_path, env_py=making + WITH_MODELS).file("models.py", MODELS)
    project.revision("a1", TABLE, 'op.drop_table("item")')
    project.prove()

    assert list(here.glob(".hypothesis/unicode_data/*/charmap*"))
    assert unchanged(project.prove()) == 1


@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mariadb"])
def test_a_revision_and_its_model(tmp_path: Path, database: str) -> None:
    """Only what is new is run, on the database that was left below it, with the rows in it; every check says what it would."""
    project = linear(tmp_path)
    words = project.prove(database, checks=ALL).words
    project.ran()
    add_a_colour(project)
    report = project.prove(database, checks=ALL)

    assert (project.ran(), words, report.words) == ({"d4"}, (), ())
    assert unchanged(report) == 3
    assert_equal_without(project, report, database, checks=ALL)


@pytest.mark.parametrize(("database", "tried"), [("sqlite", {"e5"}), ("postgresql", {"d4", "e5"})])
def test_another_revision(tmp_path: Path, database: str, tried: set[str]) -> None:
    """A database at the top is kept again where that takes less than trying what is new once more; the report is the same."""
    project = linear(tmp_path)
    project.prove(database)
    add_a_colour(project)
    project.prove(database)
    project.tracing("e5", 'op.create_index("ix_colour", "item", ["colour"])', 'op.drop_index("ix_colour", "item")')
    project.ran()
    report = project.prove(database)

    assert project.ran() == tried
    assert_equal_without(project, report, database)


def test_the_models_alone(tmp_path: Path) -> None:
    """A model that no migration knows is told, on the database that was kept."""
    project = linear(tmp_path)
    project.prove()
    project.ran()
    project.file("models.py", MODELS + "    colour = sa.Column(sa.String(9))\n")
    report = project.prove()

    assert project.ran() == set()
    assert any(finding.code == "AP401" and "colour" in finding.what for finding in report.findings)
    assert_equal_without(project, report)


def test_a_broken_revision(tmp_path: Path) -> None:
    """A new revision that is broken in every way is told as it would be without what is kept, file and line."""
    project = linear(tmp_path)
    project.prove(checks=ALL)
    project.tracing("d4", 'op.alter_column("item", "name", new_column_name="title")', "raise ValueError('no way back')")
    report = project.prove(checks=ALL)

    assert unchanged(report) == 3
    assert {finding.revision for finding in report.findings if finding.code != "AP401"} >= {"c3", "d4"} or report.errors
    assert_equal_without(project, report, checks=ALL)


def edited_in_the_middle(project: Kept) -> None:
    """The second revision leaves other rows."""
    path = project.root / "migrations/versions/b2_planted.py"
    path.write_text(path.read_text().replace("'one'", "'two'"))


def deleted_at_the_top(project: Kept) -> None:
    """The third revision is no more."""
    (project.root / "migrations/versions/c3_planted.py").unlink()


def inserted_in_the_middle(project: Kept) -> None:
    """A revision comes between the second and the third."""
    project.tracing("x9", COLOUR, NO_COLOUR, down="b2")
    path = project.root / "migrations/versions/c3_planted.py"
    path.write_text(path.read_text().replace("down_revision = 'b2'", "down_revision = 'x9'"))


def renamed(project: Kept) -> None:
    """The file of the third revision has another name: findings name files."""
    path = project.root / "migrations/versions/c3_planted.py"
    path.rename(path.with_name("c3_renamed.py"))


def branched(project: Kept) -> None:
    """A branch from the second revision, beside the third."""
    project.tracing("x9", COLOUR, NO_COLOUR, down="b2")


def merged(project: Kept) -> None:
    """That branch, merged."""
    branched(project)
    project.tracing("m5", down=("c3", "x9"))


def depending(project: Kept) -> None:
    """A revision beside the others that does its work together with the third."""
    project.tracing("x9", COLOUR, NO_COLOUR, down=None, header="depends_on = 'c3'")


def including(project: Kept) -> None:
    """env.py leaves the index out of the comparison."""
    source = WITH_MODELS.replace(
        "target_metadata=target_metadata", "target_metadata=target_metadata, include_object=lambda o, name, *_: name != 'ix_name'"
    )
    assert source != WITH_MODELS
    project.file("migrations/env.py", source)


def another_version_table(project: Kept) -> None:
    """env.py notes revisions in a table of another name."""
    source = WITH_MODELS.replace("target_metadata=target_metadata", "target_metadata=target_metadata, version_table='versions'")
    project.file("migrations/env.py", source)


def a_prelude(project: Kept) -> None:
    """Every database begins with a table."""
    project.file("before.sql", "CREATE TABLE older (id INTEGER PRIMARY KEY);")
    project.file("pyproject.toml", '[tool.alembic_proof]\nprelude = "before.sql"\n')


def one_way(project: Kept) -> None:
    """The third revision says that there is no way back."""
    path = project.root / "migrations/versions/c3_planted.py"
    path.write_text(path.read_text().partition("def downgrade")[0] + "def downgrade():\n    raise NotImplementedError\n")


def accepted(project: Kept) -> None:
    """A finding is accepted: evidence is judged anew."""
    project.file("pyproject.toml", '[[tool.alembic_proof.accept]]\ncheck = "AP303"\nrevision = "c3"\nreason = "kept"\n')


CHANGES: tuple[Callable[[Kept], None], ...] = (
    edited_in_the_middle, deleted_at_the_top, inserted_in_the_middle, renamed, branched, merged, depending, including,
    another_version_table, a_prelude, one_way, accepted,
)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_is_seen(tmp_path: Path, change: Callable[[Kept], None]) -> None:
    """After any change, and again after a revision on top of it, the report is that of a run without what is kept."""
    project = linear(tmp_path)
    project.prove()
    change(project)
    report = project.prove()
    assert_equal_without(project, report)


def test_the_gate(tmp_path: Path) -> None:
    """A gate stands on what verify kept, or climbs there once; both ways it judges the branch alone, and says the same."""
    project = linear(tmp_path)
    _git(project.root, "init", "-q", "-b", "main")
    (project.root / ".gitignore").write_text("__pycache__/\n")
    _commit(project.root)
    project.prove(checks=CHEAP)
    _git(project.root, "checkout", "-q", "-b", "branch")
    add_a_colour(project)
    _commit(project.root)
    project.ran()

    warm = project.gate()
    assert project.ran() == {"d4"}
    cold = project.gate(keeping=False)
    assert project.ran() == {"a1", "b2", "c3", "d4"}
    assert [revision.id for revision in warm.revisions] == ["d4"]
    assert told(warm) == told(cold)


def _commit(root: Path) -> None:
    _git(root, "add", "-A")
    _git(root, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "made")


def _git(root: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=root, check=True)
