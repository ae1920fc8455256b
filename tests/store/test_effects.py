"""What a change of a module counts for: nothing where it describes, much where it may reach a migration."""

import pytest

from alembic_proof.store.effects import NOTHING, effect_of, leanings_of

DESCRIBES = (
    "import app.models",
    '"""Words."""',
    "class User(Base):\n    __tablename__ = 'user'\n    __table_args__ = {'schema': 'a'}\n    id = mapped_column(Integer)",
    "class User(Base):\n    posts: Mapped[list['Post']] = relationship()\n    @property\n    def name(self): return self.first",
    "class Colour(enum.Enum):\n    RED = 'red'",
    "users = Table('users', metadata, Column('id', Integer))",
    "if TYPE_CHECKING:\n    from app import x",
    "__all__ = ['User']",
)
REACHES = (
    "metadata = MetaData(naming_convention={'ix': 'ix_%(table_name)s'})",
    "class Base(DeclarativeBase):\n    metadata = MetaData(schema='x')",
    "class Base(DeclarativeBase):\n    def __init_subclass__(cls): pass",
    "@event.listens_for(Engine, 'connect')\ndef told(*_): pass",
    "@compiles(Thing)\ndef compiled(*_): return ''",
    "configure()",
    "@registered\nclass User(Base): pass",
    "class Hooks:\n    @registered\n    def told(self): pass",
    "if sys.platform == 'linux':\n    X = 1",
    "SCHEMA = 'app'",
    "class User(Base):\n    made = DDL('CREATE VIEW v')",
    "setattr(User, 'x', 1)",
    "from alembic.ddl.sqlite import SQLiteImpl\nclass Impl(SQLiteImpl):\n    __dialect__ = 'x'",
    "from sqlalchemy import DDL as D\nclass User(Base):\n    made = D('x')",
    "op.create_table = Table('users', metadata)",
    "not Python",
)


@pytest.mark.parametrize("source", DESCRIBES)
def test_what_describes(source: str) -> None:
    """Nothing is done by it."""
    assert effect_of(source.encode()) == NOTHING


@pytest.mark.parametrize("source", REACHES)
def test_what_may_reach_a_migration(source: str) -> None:
    """It counts."""
    assert effect_of(source.encode()) != NOTHING


def test_a_description_that_is_used() -> None:
    """A class counts where the module makes something of it; where it has it from another one, that one counts."""
    source = "class Settings:\n    word = '{}'\n\nsettings = Settings()\n"

    assert effect_of(source.format("a").encode()) != effect_of(source.format("b").encode())
    assert (0, "conf") in leanings_of(b"from conf import Names\nmade = Names().build()")
    assert not list(leanings_of(b"from app import Base\ntarget_metadata = Base.metadata"))
