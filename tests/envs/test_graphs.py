"""Every shape of history: several folders, bases, branches, merges, dependencies, labels, no way back."""

from pathlib import Path

from alembic_proof.findings import Outcome
from alembic_proof.testing import PlantedProject
from tests.envs.planting import INI_WITHOUT_URL, assert_all_proved, outcomes, plant_library, prove

URL = "sqlalchemy.url = sqlite:///app.db\n"


def table(name: str) -> str:
    """An upgrade that creates a table."""
    return f'op.create_table("{name}", sa.Column("id", sa.Integer(), primary_key=True))'


def plant_tables(project: PlantedProject, *revisions: tuple[str, str | tuple[str, ...] | None]) -> PlantedProject:
    """Add revisions that create a table each, with the parents given."""
    for revision, down in revisions:
        project.revision(revision, table(f"t_{revision}"), f'op.drop_table("t_{revision}")', down=down)
    return project


def test_several_version_locations(tmp_path: Path, database: str) -> None:
    """Revisions in two folders, one of them outside of the script location, that stand on each other."""
    locations = "version_locations = %(here)s/migrations/versions%(here)s/plugin/versions"
    ini = f"{INI_WITHOUT_URL}{URL}path_separator = os\n{locations.replace('versions%', 'versions:%')}\n"
    project = plant_library(PlantedProject(tmp_path, ini=ini))
    project.revision("d4", table("plugin"), 'op.drop_table("plugin")', folder="plugin/versions")
    project.revision("e5", table("after"), 'op.drop_table("after")')
    report = prove(project, database)
    assert_all_proved(report)
    assert [revision.file for revision in report.revisions][3] == "plugin/versions/d4_planted.py"


def test_folders_below_the_versions(tmp_path: Path, database: str) -> None:
    """recursive_version_locations, with a folder for each year."""
    project = plant_library(PlantedProject(tmp_path, ini=f"{INI_WITHOUT_URL}{URL}recursive_version_locations = true\n"))
    project.revision("d4", table("later"), 'op.drop_table("later")', folder="migrations/versions/2026")
    assert_all_proved(prove(project, database))


def test_two_bases(tmp_path: Path, database: str) -> None:
    """Two histories in one project that never meet, each with a label; both are proved."""
    project = plant_tables(PlantedProject(tmp_path), ("a1", None), ("a2", "a1"))
    project.revision("b1", table("t_b1"), 'op.drop_table("t_b1")', down=None, header='branch_labels = ("billing",)')
    plant_tables(project, ("b2", "b1"))
    assert_all_proved(prove(project, database))


def test_branches_that_merge(tmp_path: Path, database: str) -> None:
    """A fork, two revisions on each branch, a merge with work of its own, and a revision above."""
    project = plant_tables(
        PlantedProject(tmp_path),
        *(("a1", None), ("b1", "a1"), ("b2", "b1"), ("c1", "a1"), ("c2", "c1"), ("d1", ("b2", "c2")), ("e1", "d1")),
    )
    assert_all_proved(prove(project, database))


def test_a_branch_that_depends_on_another(tmp_path: Path, database: str) -> None:
    """depends_on an id and a label: a table that refers to one that another branch makes."""
    project = PlantedProject(tmp_path)
    project.revision("a1", table("t_a1"), 'op.drop_table("t_a1")', down=None, header='branch_labels = ("core",)')
    plant_tables(project, ("a2", "a1"), ("a3", "a2"))
    project.revision(
        "b1",
        'op.create_table("t_b1", sa.Column("id", sa.Integer(), sa.ForeignKey("t_a2.id"), primary_key=True))',
        'op.drop_table("t_b1")',
        down=None,
        header='branch_labels = ("shop",)\ndepends_on = "a2"',
    )
    project.revision("b2", table("t_b2"), 'op.drop_table("t_b2")', header='depends_on = ("core",)')
    project.revision("c1", table("t_c1"), 'op.drop_table("t_c1")', down=("a3", "b2"))
    assert_all_proved(prove(project, database))


def test_heads_that_are_meant_to_exist(tmp_path: Path, database: str) -> None:
    """Labelled heads named in expected_heads, by label or id, are the project's intention; a head that they lack is not."""
    project = plant_tables(PlantedProject(tmp_path), ("a1", None))
    project.revision("b1", table("t_b1"), 'op.drop_table("t_b1")', down="a1", header='branch_labels = ("reports",)')
    plant_tables(project, ("b2", "b1"), ("c1", "a1"))
    assert [finding.code for finding in project.findings(database, checks=["single-head"])] == ["AP101"]
    project.file("pyproject.toml", '[tool.alembic_proof]\nexpected_heads = ["reports", "c1"]\n')
    assert project.findings(database, checks=["single-head"]) == ()
    assert_all_proved(prove(project, database))
    plant_tables(project, ("d1", "a1"))
    assert [finding.object for finding in project.findings(database, checks=["single-head"])] == ["d1"]


def test_a_head_that_another_branch_depends_on(tmp_path: Path, database: str) -> None:
    """The version table keeps no row for a head that another revision depends on; the deployment has reached it all the same."""
    project = plant_tables(PlantedProject(tmp_path), ("a1", None))
    project.revision("b1", table("t_b1"), 'op.drop_table("t_b1")', down=None, header='depends_on = "a1"')
    assert_all_proved(prove(project, database))


def test_no_downgrade_at_all(tmp_path: Path, database: str) -> None:
    """A history that nobody ever takes back is proved on its way up, and shown as not proved on the way down."""
    project = PlantedProject(tmp_path)
    for revision in ("a1", "b2", "c3"):
        project.revision(revision, table(f"t_{revision}"), downgrade=None)
    report = prove(project, database)
    assert report.findings == ()
    assert outcomes(report, "upgrade-runs") == dict.fromkeys(("a1", "b2", "c3"), (Outcome.PROVED, None))
    assert outcomes(report, "offline-sql-matches") == dict.fromkeys(("a1", "b2", "c3"), (Outcome.PROVED, None))
    one_way = (Outcome.NOT_PROVED, "declared one-way. The revision has no downgrade().")
    for check in ("downgrade-runs", "downgrade-restores-schema", "upgrade-repeats"):
        assert outcomes(report, check) == dict.fromkeys(("a1", "b2", "c3"), one_way)


def test_an_empty_history(tmp_path: Path, database: str) -> None:
    """A project without a revision has nothing to prove, and is no error."""
    report = prove(PlantedProject(tmp_path), database)
    assert report.findings == ()
    assert outcomes(report, "upgrade-reaches-head") == {None: (Outcome.PROVED, None)}


def test_ids_with_every_sign_that_alembic_allows(tmp_path: Path, database: str) -> None:
    """Revision ids are the team's own words: dates, dots, underscores."""
    project = plant_tables(PlantedProject(tmp_path), ("2026_01_31.first", None), ("0002_über", "2026_01_31.first"))
    assert_all_proved(prove(project, database))
