"""What a change of a module counts for: nothing where it describes, much where it may reach a migration."""

from pathlib import Path

import pytest

from alembic_proof.store.effects import NOTHING, effect_of, imports_of, leanings_of, takes_all_tables, words_of
from alembic_proof.store.inputs import used_by

DESCRIBES = (
    "import app.models",
    '"""Words."""',
    "class User(Base):\n    __tablename__ = 'user'\n    __table_args__ = {'schema': 'a'}\n    id = mapped_column(Integer)",
    "class User(Base):\n    posts: Mapped[list['Post']] = relationship()\n    @property\n    def name(self): return self.first",
    "class Colour(enum.Enum):\n    RED = 'red'",
    "users = Table('users', metadata, Column('id', Integer))",
    "if TYPE_CHECKING:\n    from app import x",
    "__all__ = ['User']",
    "class User(SQLModel, table=True):\n    id: int = Field(primary_key=True)",
    "@dataclass(frozen=True)\nclass Seen:\n    id: int",
    "Index('ix_name', User.name, unique=True)",
)
REACHES = (
    "metadata = MetaData(naming_convention={'ix': 'ix_%(table_name)s'})",
    "class Base(DeclarativeBase):\n    metadata = MetaData(schema='x')",
    "class Base(DeclarativeBase):\n    def __init_subclass__(cls): pass",
    "@event.listens_for(Engine, 'connect')\ndef told(*_): pass",
    "@compiles(Thing)\ndef compiled(*_): return ''",
    "configure()",
    "@registered\nclass User(Base): pass",
    "class User(Base, metaclass=Registering): pass",
    "Index('ix_name', User.name).create(engine)",
    "Index('ix_name', op.f('x'))",
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
    assert not list(leanings_of(b"from app import *\ntarget_metadata = Base.metadata\nprint(str(1))"))
    assert list(leanings_of(b"from app import *\nprint(word)")) == [(0, "app")]


def test_what_imports_put_in_reach(tmp_path: Path) -> None:
    """A name taken from a module does not reach what the packages above it hold; a package's own name reaches all of it."""
    for path in ("app/__init__.py", "app/models/__init__.py", "app/models/types.py"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("")

    def used(source: str, path: str = "env.py") -> set[str]:
        found = used_by(imports_of(source.encode()), tmp_path / path, [tmp_path])
        return {one.relative_to(tmp_path).as_posix() for one in found}

    assert used("from app.models.types import Name") == {"app/models/types.py"}
    assert used("from .types import Name", "app/models/user.py") == {"app/models/types.py"}
    assert used("import app.models.types") == {"app/__init__.py", "app/models/__init__.py", "app/models/types.py"}
    assert used("import app.models.types as t") == {"app/models/types.py"}
    assert used("from app.models import User") == {"app/models/__init__.py"}
    assert used("if TYPE_CHECKING:\n    from app.models import User") == set()


def test_what_depends_on_all_tables() -> None:
    """A listener does, and a class that is made something of; a method that nobody calls does not."""
    service = b"class Service:\n    def make(self, engine: connect):\n        Base.metadata.create_all(engine)\n"
    listener = b"@event.listens_for(Engine, 'connect')\ndef told(*_):\n    Base.metadata.create_all(engine)\n"

    assert not takes_all_tables(service, is_used=False)
    assert takes_all_tables(service, is_used=True)
    assert takes_all_tables(service + b"Service().make(engine)\n", is_used=False)
    assert takes_all_tables(service.replace(b"make", b"__init_subclass__"), is_used=False)
    assert takes_all_tables(listener, is_used=False)


def test_words_without_comments() -> None:
    """What a docstring or a comment speaks of is not done; what a text that is used says may be."""
    assert b"sys.modules" not in words_of(b'"""Not in sys.modules."""\nx = 1  # sys.modules\n')
    assert b"sys.modules" in words_of(b'eval("sys.modules")')
    assert words_of(b"no Python") == b"no Python"


def test_imports_are_found_wherever_a_statement_can_stand() -> None:
    """In every kind of block; of those that run when the module is imported not those in functions."""
    source = b"""
if a:
    import in_if
elif b:
    import in_elif
for c in d:
    import in_for
else:
    import in_else
while e:
    import in_while
try:
    import in_try
except f:
    import in_except
finally:
    import in_finally
with g as h:
    import in_with
match i:
    case {}:
        import in_match
class J:
    import in_class
    def k(self):
        import in_method
async def l():
    async with m:
        import in_coroutine
"""
    at_once = {"if", "elif", "for", "else", "while", "try", "except", "finally", "with", "match", "class"}

    assert {name for _, name in imports_of(source, at_once=True)} == {f"in_{one}" for one in at_once}
    assert {name for _, name in imports_of(source)} == {f"in_{one}" for one in at_once | {"method", "coroutine"}}
