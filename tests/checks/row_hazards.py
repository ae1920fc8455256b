"""What goes wrong with rows, planted: the part that is wrong, and what it is in the clean twin."""

from pathlib import Path

from alembic_proof.findings import Finding
from alembic_proof.testing import PlantedProject
from tests.checks.row_hazard import FOREIGN_KEYS_ON, RowHazard
from tests.checks.row_hazards_kept import NOT_KEPT
from tests.checks.row_hazards_refused import REFUSED

ROW_CHECKS = ("AP501", "AP502", "AP503", "AP504")
DROP_ALL = """
for name in ("c", "t", "u", "p"):
    op.execute(f"DROP TABLE IF EXISTS {name}")
"""
FEWER = """
[tool.alembic_proof.rows]
examples = 6
"""
ROW_HAZARDS = (*REFUSED, *NOT_KEPT)


def plant_all(root: Path, database: str, *, is_bad: bool) -> PlantedProject:
    """One history of all hazards that a database can show, each after the tables of the one before are dropped."""
    project = PlantedProject(root, env_py=FOREIGN_KEYS_ON).file("pyproject.toml", FEWER)
    for number, hazard in enumerate(on(database)):
        project.revision(f"{number:02}a", upgrade=f"{DROP_ALL}\n{hazard.first}", downgrade=None)
        upgrade, downgrade = hazard.bad if is_bad else hazard.clean
        project.revision(f"{number:02}b", upgrade=upgrade, downgrade=downgrade)
    return project


def on(database: str) -> list[RowHazard]:
    """The hazards that a database can show, in the order of their revisions."""
    return [hazard for hazard in ROW_HAZARDS if database in hazard.on]


def told(findings: tuple[Finding, ...]) -> list[str]:
    """What was found, a line each."""
    return [f"{finding.code} {finding.object}: {finding.what}" for finding in findings]
