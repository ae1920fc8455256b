"""A scout walks the upper part of a long history beside the walk: sooner, and to the same report."""

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from alembic_proof.databases.scratch import Database
from alembic_proof.experiments import beside, gather, scout
from alembic_proof.experiments.models import gather_models
from alembic_proof.experiments.place import Place
from alembic_proof.experiments.walk import Walked
from alembic_proof.reports.report import Report
from alembic_proof.testing import ENV_PY, PlantedProject
from alembic_proof.verify import Request, verify
from tests.walk.planting import WALK, plant_tables, table

CHECKS = (*WALK, "offline-sql-matches", "paths-agree", "upgrade-reaches-head", "old-code-still-runs")


MODELS = """
from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table
metadata = MetaData()
for name in ("a1", "b2", "c3", "d4", "z9"):
    Table(f"t_{name}", metadata, Column("id", Integer, primary_key=True))
"""


@pytest.fixture(autouse=True)
def short_histories(monkeypatch: pytest.MonkeyPatch) -> None:
    """Part five revisions as three and two."""
    monkeypatch.setattr(scout, "_LOWER_PART", dict.fromkeys(scout._LOWER_PART, 0.75))


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The kinds that two processes can use."""
    return "sqlite" if request.param == "sqlite" else str(request.getfixturevalue("postgresql_url"))


def clean(project: PlantedProject) -> None:
    """Nothing to be told, and a revision without a way back."""
    plant_tables(project, "a1", "b2", "c3")
    project.revision("d4", 'op.execute("INSERT INTO t_a1 VALUES (7)")', 'op.execute("DELETE FROM t_a1 WHERE id = 7")')
    project.revision("e5", table("t_e5"), 'raise NotImplementedError("one way")')


def bad_downgrade_above(project: PlantedProject) -> None:
    """The scout cannot prove its half."""
    plant_tables(project, "a1", "b2", "c3")
    project.revision("d4", table("t_d4"))
    plant_tables(project, "e5")


def bad_upgrade_above(project: PlantedProject) -> None:
    """The scout cannot go to the top."""
    plant_tables(project, "a1", "b2", "c3")
    project.revision("d4", 'op.drop_table("nothing")')
    plant_tables(project, "e5")


def bad_upgrade_below(project: PlantedProject) -> None:
    """The scout cannot come to its half."""
    project.revision("a1", 'op.drop_table("nothing")')
    plant_tables(project, "b2", "c3", "d4")


def two_bases(project: PlantedProject) -> None:
    """The upper half does not stand on all of the lower one."""
    plant_tables(project, "a1", "b2")
    project.revision("x1", table("t_x1"), 'op.drop_table("t_x1")', down=None)
    plant_tables(project, "x2")
    project.revision("m1", down=("b2", "x2"))


def without_times(report: Report) -> Report:
    """Two runs never take as long."""
    return replace(report, timings=())


@pytest.mark.parametrize("plant", [clean, bad_downgrade_above, bad_upgrade_above, bad_upgrade_below, two_bases])
def test_the_report_is_the_same(
    plant: Callable[[PlantedProject], None], tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is planted in either half, nothing in the report tells that a scout was sent."""
    plant(project := PlantedProject(tmp_path))
    alone = project.verify(database, checks=CHECKS)
    monkeypatch.setattr(scout, "_LONG", 2)
    assert without_times(project.verify(database, checks=CHECKS)) == without_times(alone)


@pytest.mark.parametrize(
    ("more", "told"),
    [("", "t_z9"), ('Table("t_y8", metadata, Column("id", ForeignKey("nothing.id")))', "autogenerate failed, too")],
)
def test_the_models_are_the_same(more: str, told: str, tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a scout says of the models is what the walk would have said: also where no twin can be made of them."""
    project = PlantedProject(
        tmp_path, env_py=ENV_PY.replace("target_metadata = None", "from models import metadata as target_metadata")
    )
    project.file("models.py", MODELS + more)
    plant_tables(project, "a1", "b2", "c3", "d4")
    project.revision("e5", 'op.execute("INSERT INTO t_a1 VALUES (7)")', 'op.execute("DELETE FROM t_a1 WHERE id = 7")')
    checks = (*WALK, "models-match-migrations")
    alone = project.verify(database, checks=checks)
    assert told in str(alone.outcomes) + str(alone.findings)
    monkeypatch.setattr(scout, "_LONG", 2)
    monkeypatch.setattr(gather, "gather_models", only_beside(gather_models))
    assert without_times(project.verify(database, checks=checks)) == without_times(alone)


def only_beside(made: Callable[..., object]) -> Callable[..., object]:
    """Let nobody but a scout, which brings a database for it, make a twin."""

    def gathered(place: Place, walked: Walked, *, on: Database) -> object:
        return made(place, walked, on=on)

    return gathered


def test_two_processes_take_the_halves(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The upper half is taken down by the scout alone; where it is not clean, by the walk as well."""
    trace = tmp_path / "trace"
    note = f"import os; open({str(trace)!r}, 'a').write(f'{{os.getpid()}} {{revision}}\\n')"
    project = PlantedProject(tmp_path)
    for revision in ("a1", "b2", "c3", "d4"):
        project.revision(revision, table(f"t_{revision}"), f'{note}\nop.drop_table("t_{revision}")')
    monkeypatch.setattr(scout, "_LONG", 2)
    assert not project.findings(database, checks=WALK)
    below, above = ({line.split()[0] for line in trace.read_text().splitlines() if line.endswith(one)} for one in ("a1", "d4"))
    assert len(below) == len(above) == 1
    assert below != above
    trace.unlink()
    project.revision("e5", table("t_e5"))
    assert [finding.revision for finding in project.findings(database, checks=WALK)] == ["e5"]
    assert len({line.split()[0] for line in trace.read_text().splitlines() if line.endswith("d4")}) == 2


def test_a_scout_that_takes_long_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the walk waits for it, each of its steps counts as a sign of life."""
    project = plant_tables(PlantedProject(tmp_path), "a1", "b2", "c3")
    project.revision("d4", "import time; time.sleep(0.3)", "import time; time.sleep(0.3)")
    monkeypatch.setattr(scout, "_LONG", 2)
    monkeypatch.setattr(beside, "_SECONDS_BETWEEN_LOOKS", 0.05)
    heard: list[str] = []
    request = Request(project=project.project, databases=("sqlite",), checks=WALK, forking=True)
    verify(request, lambda _database, _phase, doing: heard.append(doing))
    assert heard.count("the upper part of the history") > 1


ONE_TRANSACTION = ENV_PY.replace("context.configure(", "context.configure(transactional_ddl=True, ")


@pytest.mark.parametrize(("env_py", "upgrades"), [(ENV_PY, 2), (ONE_TRANSACTION, 3)])
def test_the_deployment_takes_the_scout_along(
    env_py: str, upgrades: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite nobody but the walk and the deployment upgrades the lower part, but where all of it is one transaction."""
    trace = tmp_path / "trace"
    project = PlantedProject(tmp_path, env_py=env_py)
    for revision in ("a1", "b2", "c3", "d4"):
        noted = f"open({str(trace)!r}, 'a').write(revision + ' ')\n{table(f't_{revision}')}"
        project.revision(revision, noted, f'op.drop_table("t_{revision}")')
    monkeypatch.setattr(scout, "_LONG", 2)
    assert not project.findings("sqlite", checks=(*WALK, "upgrade-reaches-head"))
    ran = trace.read_text().split()
    again = ran.count("d4") - 2
    assert (ran.count("a1") - again, again) == (upgrades, 1)


def test_a_scout_that_began_elsewhere_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where its first look is not the walk's last one, the walk goes through the upper part itself."""
    trace = tmp_path / "trace"
    project = plant_tables(PlantedProject(tmp_path), "a1", "b2")
    only_beside = f"import multiprocessing\nif ':' in multiprocessing.current_process().name:\n    {table('t_beside')}\n"
    project.revision("c3", only_beside + table("t_c3"), 'op.drop_table("t_c3")')
    noted = f"import os; open({str(trace)!r}, 'a').write(f'{{os.getpid()}} ')\n"
    project.revision("d4", table("t_d4"), f'{noted}op.drop_table("t_d4")')
    monkeypatch.setattr(scout, "_LONG", 2)
    assert not project.findings("sqlite", checks=(*WALK, "upgrade-reaches-head"))
    assert len(set(trace.read_text().split())) == 2
