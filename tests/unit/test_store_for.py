"""Where the pytest door keeps evidence, without running anything."""

from pathlib import Path

from alembic_proof.items import store_for
from alembic_proof.testing import PlantedProject


def test_where_evidence_is_kept(tmp_path: Path) -> None:
    """The option goes before the environment, and that before the folder of the command line."""
    project = PlantedProject(tmp_path).revision("a").project
    root = project.root.resolve()

    assert store_for(project, None, {}) == root / ".alembic_proof"
    assert store_for(project, None, {"ALEMBIC_PROOF_CACHE": "kept"}) == root / "kept"
    assert store_for(project, Path("../other"), {"ALEMBIC_PROOF_CACHE": "kept"}) == root.parent / "other"
