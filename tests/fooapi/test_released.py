"""The revisions of fooapi that are released, as alembic-proof.lock knows them."""

from pathlib import Path

from alembic_proof.migrate.host import load_history
from alembic_proof.project import find_project
from alembic_proof.releases.lock import read_lock

ROOT = Path(__file__).resolve().parents[2]


def test_every_revision_is_locked() -> None:
    """A new revision is written into the lock, and none was edited since: `alembic-proof lock` would write the same code."""
    project = find_project(root=ROOT)
    history = load_history(project)
    released = read_lock(project, history)

    assert released is not None
    assert [(one.id, one.down, one.file) for one in released.revisions] == [(r.id, r.down, r.file) for r in history.revisions]
    assert {one.id: one.code for one in released.revisions} == released.now
