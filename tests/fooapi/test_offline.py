import io

import pytest
from alembic import command
from alembic.util import CommandError
from sqlalchemy import NullPool, inspect

from alembic_proof.databases.scratch import Server
from fooapi.db.engine import build_engine
from tests.fooapi.history import config_for

DIALECTS = ["sqlite://", "postgresql+psycopg://", "mariadb+pymysql://"]
ONLINE_ONLY = ["3c7e19a2d584", "4d1f60b8c97e"]


class Script(io.StringIO):
    """What `--sql` prints, statement by statement."""

    def __init__(self) -> None:
        super().__init__()
        self.statements: list[str] = []

    def write(self, text: str) -> int:
        if text.strip() and not text.startswith("--"):
            self.statements.append(text.strip())
        return super().write(text)


def render(url: str, revisions: str, *, down: bool = False) -> Script:
    """Print what a move between two revisions would run."""
    config = config_for(url)
    config.output_buffer = script = Script()
    (command.downgrade if down else command.upgrade)(config, revisions, sql=True)
    return script


@pytest.mark.parametrize("url", DIALECTS)
def test_history_renders_but_for_two_revisions(url: str) -> None:
    """`--sql` prints every revision without a database, in both directions; only the username keys need Python."""
    assert "CREATE TABLE users" in render(url, "2b9d4f71c6e3").getvalue()
    assert "CREATE TABLE audit_events" in render(url, "4d1f60b8c97e:head").getvalue()
    assert "DROP TABLE users" in render(url, "heads:base", down=True).getvalue()


@pytest.mark.parametrize("revision", ONLINE_ONLY)
def test_online_only_revision_says_so(revision: str) -> None:
    """A revision that cannot be printed names itself and the way out."""
    before = {"3c7e19a2d584": "2b9d4f71c6e3", "4d1f60b8c97e": "3c7e19a2d584"}[revision]
    with pytest.raises(CommandError, match=f"Cannot write {revision} as SQL: .* --sql 4d1f60b8c97e:head instead"):
        render("sqlite://", f"{before}:{revision}")


def test_printed_history_makes_the_same_schema(server: Server) -> None:
    """The SQL above the username keys, run by hand, leaves the tables that `alembic upgrade` leaves."""
    by_alembic, by_hand = server.create(), server.create()
    command.upgrade(config_for(by_alembic.url), "head")
    command.upgrade(config_for(by_hand.url), "4d1f60b8c97e")
    by_hand.run_script(render(str(by_hand.url.set(database=None)), "4d1f60b8c97e:head").statements)
    shapes = []
    for database in (by_alembic, by_hand):
        engine = build_engine(database.url, poolclass=NullPool)
        with engine.connect() as connection:
            inspector = inspect(connection)
            shapes.append({table: str(inspector.get_columns(table)) for table in inspector.get_table_names()})
        engine.dispose()
    assert shapes[0] == shapes[1]
