"""The rows of the version table: where Alembic notes which revisions a database holds.

Alembic compiles a statement anew for each; of a walk's time that was two fifths. Private: HeadMaintainer's three methods that
write (Alembic 1.13 to 1.20); which rows change is still its own decision. Until it caches its statements.
"""

from alembic.runtime.migration import HeadMaintainer
from alembic.util import CommandError


class WrittenHeads(HeadMaintainer):
    """Writes what HeadMaintainer would write, in plain SQL on the same connection."""

    def _insert_version(self, version: str) -> None:
        assert version not in self.heads, "a revision is inserted once"
        self.heads.add(version)
        self._write(f"INSERT INTO {self._table} (version_num) VALUES ({_literal(version)})")

    def _delete_version(self, version: str) -> None:
        self.heads.remove(version)
        self._write(f"DELETE FROM {self._table} WHERE version_num = {_literal(version)}")

    def _update_version(self, from_: str, to_: str) -> None:
        assert to_ not in self.heads, "a revision is reached once"
        self.heads.remove(from_)
        self.heads.add(to_)
        self._write(f"UPDATE {self._table} SET version_num = {_literal(to_)} WHERE version_num = {_literal(from_)}")

    @property
    def _table(self) -> str:
        return str(self.context.dialect.identifier_preparer.format_table(self.context._version))

    def _write(self, statement: str) -> None:
        connection = self.context.connection
        assert connection is not None, "only offline contexts have no connection"
        if connection.exec_driver_sql(statement).rowcount not in (1, -1):
            raise CommandError(f"The version table did not hold what it has to: {statement}")


def _literal(version: str) -> str:
    return "'" + version.replace("'", "''") + "'"
