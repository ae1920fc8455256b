"""Below a new revision, models may change in what they describe, and in nothing that reaches a migration."""

from pathlib import Path

import pytest

from tests.store.proving import WITH_MODELS, Kept, unchanged

MODELS = """
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
import listeners

class Base(DeclarativeBase):
    metadata = MetaData(naming_convention={"ix": "ix_%(column_0_label)s"})

class User(Base):
    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
"""


@pytest.mark.parametrize(
    ("old", "new", "below"),
    [
        ("(primary_key=True)\n", "(primary_key=True)\n    name: Mapped[str]\n", 1),
        ("ix_%(", "idx_%(", 0),
        ("import listeners\n", "", 0),
    ],
)
def test_models_that_change(old: str, new: str, below: int, tmp_path: Path) -> None:
    """A column more leaves what lies below unchanged; a naming convention, or a listener that is gone, does not."""
    project = Kept(tmp_path, env_py=WITH_MODELS).file("models.py", MODELS).file("listeners.py", "SEEN = []\nSEEN.append(1)")
    project.revision("a", "op.create_table('user', sa.Column('id', sa.Integer(), primary_key=True))", "op.drop_table('user')")
    project.prove()
    project.file("models.py", MODELS.replace(old, new))

    assert unchanged(project.revision("b").prove()) == below
