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


SERVICE = {
    "app/__init__.py": "",
    "app/settings.py": """
import os
from pathlib import Path
from pydantic import BaseModel

class Settings(BaseModel):
    secret: str = "none"
    here: Path = Path(__file__).parent

settings = Settings(**({"secret": os.environ["SERVICE_SECRET"]} if "SERVICE_SECRET" in os.environ else {}))
""",
    "app/models/__init__.py": """
from app.models.base import Base
from app.models.user import User
from app.models.item import Item
""",
    "app/models/types.py": """
from sqlalchemy import String, TypeDecorator

class Lower(TypeDecorator):
    impl = String(50)
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return value and value.lower()
""",
    "app/models/base.py": """
from datetime import datetime
from sqlalchemy import MetaData, func
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from app.settings import settings

class Base(DeclarativeBase):
    metadata = MetaData(naming_convention={"ix": "ix_%(column_0_label)s", "pk": "pk_%(table_name)s"})

    @declared_attr.directive
    def __tablename__(cls) -> str:
        return cls.__name__.lower()

class Timed:
    made: Mapped[datetime] = mapped_column(server_default=func.now())
""",
    "app/models/user.py": """
from typing import TYPE_CHECKING
from sqlalchemy import Index, event
from sqlalchemy.orm import Mapped, mapped_column, relationship
from app.models.base import Base, Timed
from app.models.types import Lower

if TYPE_CHECKING:
    from app.models.item import Item

class User(Timed, Base):
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Lower)
    items: Mapped[list["Item"]] = relationship(back_populates="owner")

Index("ix_user_name", User.name)

@event.listens_for(User, "before_insert")
def tidy(mapper, connection, target) -> None:
    target.name = target.name.strip()
""",
    "app/models/item.py": """
import enum
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship
from app.models.base import Base
from app.models.user import User

class Colour(enum.Enum):
    RED = "red"

class Item(Base):
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    owner: Mapped[User] = relationship(back_populates="items")
""",
}
"""A service as most are: a package of models under one base, settings, a type of its own that a revision imports."""


@pytest.mark.parametrize(
    ("path", "old", "new", "below"),
    [
        ("app/models/user.py", "(Lower)\n", "(Lower)\n    age: Mapped[int | None]\n", 1),
        ("app/models/types.py", "String(50)", "String(60)", 0),
    ],
)
def test_a_service_as_most_are(path: str, old: str, new: str, below: int, tmp_path: Path) -> None:
    """A pull request with a revision and a column runs the revision alone; a type that revisions import counts."""
    env_py = WITH_MODELS.replace("from models import", "from app.settings import settings\nfrom app.models import")
    project = Kept(tmp_path, env_py=env_py + "\nprint(settings.secret)\n")
    for name, source in SERVICE.items():
        project.file(name, source)
    project.revision(
        "a",
        'op.create_table("user", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("name", Lower(), nullable=False))',
        'op.drop_table("user")',
        header="from app.models.types import Lower",
    )
    project.prove()
    project.file(path, SERVICE[path].replace(old, new))

    assert unchanged(project.revision("b").prove()) == below
