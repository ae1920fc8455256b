"""A run that is equal to the last one tells its report again; one that differs in anything does not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from alembic_proof.again import Again
from alembic_proof.project import find_project
from alembic_proof.reports.report import Report
from alembic_proof.verify import Request, verify
from tests.store.proving import WITH_MODELS, Kept, apart

CHECKS = ("AP101", "AP301", "AP302", "AP303", "AP401")
MODELS = """\
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase

IS_LOCAL = Path(".env").exists()


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "item"
    id = sa.Column(sa.Integer, primary_key=True)
"""


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    """A project whose models match its one revision, but for a downgrade that leaves a table behind."""
    made = Kept(tmp_path, env_py=WITH_MODELS).file("models.py", MODELS).file("seed.txt", "one")
    made.file("pyproject.toml", "[tool.alembic_proof]\n")
    return made.revision(
        "a1",
        'open("seed.txt").read()\nop.create_table("item", sa.Column("id", sa.Integer(), primary_key=True))\n'
        'op.create_table("left", sa.Column("id", sa.Integer(), primary_key=True))',
        'op.drop_table("item")',
    )


def prove(
    kept: Kept, *words: str, checks: tuple[str, ...] = CHECKS, written: frozenset[Path] = frozenset()
) -> tuple[bool, Report]:
    """Tell whether the report was told again, and the report; as the command line does it."""
    mark = kept.root.parent / "proved"
    mark.unlink(missing_ok=True)

    def work() -> Report:
        again = Again(kept.store, kept.root, None, words, written)
        known = again.report()
        if known is not None:
            return known
        mark.touch()
        project = find_project(root=kept.root)
        return verify(Request(project=project, databases=("sqlite",), checks=checks, forking=True, store=kept.store, again=again))

    report = apart(work, kept.root)
    return not mark.exists(), report


def test_nothing_changed(kept: Kept) -> None:
    """The same findings and outcomes come again, and say of every revision that it is unchanged."""
    _, first = prove(kept)
    is_told, second = prove(kept)

    assert is_told
    assert (second.findings, second.outcomes, second.timings) == (first.findings, first.outcomes, first.timings)
    assert [database.unchanged for database in second.databases] == [1]


CHANGES: dict[str, Callable[[Kept], object]] = {
    "a model": lambda kept: kept.file("models.py", MODELS + "    name = sa.Column(sa.String(9))\n"),
    "the revision": lambda kept: next(kept.root.glob("migrations/versions/*.py")).write_text(
        next(kept.root.glob("migrations/versions/*.py")).read_text() + "\n# said\n"
    ),
    "a new revision": lambda kept: kept.revision("b2", "pass", "pass", down="a1"),
    "env.py": lambda kept: kept.file("migrations/env.py", WITH_MODELS + "\n# said\n"),
    "a file that a migration reads": lambda kept: kept.file("seed.txt", "two"),
    "an acceptance": lambda kept: kept.file(
        "pyproject.toml",
        '[[tool.alembic_proof.accept]]\ncheck = "downgrade-restores-schema"\nreason = "kept"\nrevision = "a1"\n',
    ),
    "the recorded statements": lambda kept: kept.file("alembic-proof-statements.toml", "form = 1\n"),
    "a .env that the models look for": lambda kept: kept.file(".env", "A=1\n"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_something_changed(kept: Kept, change: str) -> None:
    """What could change a finding is noticed, and the report is made anew."""
    prove(kept)
    CHANGES[change](kept)

    assert not prove(kept)[0]


def test_a_module_that_nothing_imports(kept: Kept) -> None:
    """A check of the application may read any file: then all of them count, but not what is written about the project."""
    checks = ("AP101", "AP105")
    prove(kept, checks=checks)
    kept.file("README.md", "# Items")
    assert prove(kept, checks=checks)[0]

    kept.file("other.py", "import models")
    assert not prove(kept, checks=checks)[0]


def test_what_is_written_meanwhile(kept: Kept) -> None:
    """What somebody edits while the run goes on was not proved: it is noticed, as if it were edited after the run."""
    _, report = prove(kept)
    again = Again(kept.store, kept.root, None, ("meanwhile",))
    again.begin((), (kept.root / "models.py",), (), with_tree=True)
    again.keep(report)
    assert again.report() is not None

    for name in ("other.py", "models.py"):
        again.begin((), (kept.root / "models.py",), (), with_tree=name == "other.py")
        kept.file(name, "import uuid")
        again.keep(report)
        assert again.report() is None


def test_other_words(kept: Kept) -> None:
    """A run that is asked something else has a report of its own; a file that it writes itself does not count."""
    report_file = kept.root / "report.json"
    prove(kept, "one", written=frozenset({report_file}))
    report_file.write_text("{}")

    assert not prove(kept, "two")[0]
    assert prove(kept, "one", written=frozenset({report_file}))[0]


def test_what_could_not_be_kept_is_not_told_later(kept: Kept) -> None:
    """A run whose evidence is not kept leaves no report, not even under an older state's evidence."""
    prove(kept)
    name, source = next((path, path.read_text()) for path in kept.root.glob("migrations/versions/*.py"))
    name.write_text(source.replace("def upgrade():\n", "def upgrade():\n    raise ValueError\n"))
    prove(kept)

    assert not prove(kept)[0], "an upgrade that fails may be the machine's fault"
    name.write_text(source)
    is_told, report = prove(kept)
    assert is_told or report.errors
    assert all(finding.code != "AP301" for finding in report.findings)
