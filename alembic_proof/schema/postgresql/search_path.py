"""Read names in one way, whatever the connection's search_path: bare in schema public, qualified elsewhere.

PostgreSQL writes expressions, types and definitions as the current search_path needs them.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from alembic_proof.schema.snapshot import Fetch

_PLAIN = "public, pg_temp"
_STATE = """
SELECT array_to_string(pg_catalog.current_schemas(true), ','), pg_catalog.current_setting('search_path'),
       pg_catalog.current_setting('server_version_num')::int4"""


@contextmanager
def plain_names(fetch: Fetch) -> Iterator[int]:
    """Make the search_path public for the block, if it is anything else, and yield the server's version number.

    A user's own path comes back afterwards. Within a transaction it is changed for the transaction only, so a rollback brings it
    back as well; in autocommit mode, where that lasts for one statement, it is changed for the session.
    """
    [(effective, setting, version)] = fetch(_STATE)
    if effective == "pg_catalog,public":
        yield version
        return
    _set(fetch, _PLAIN, for_transaction=True)
    in_transaction = fetch(_STATE)[0][1] == _PLAIN
    if not in_transaction:
        _set(fetch, _PLAIN, for_transaction=False)
    try:
        yield version
    except BaseException:
        with suppress(Exception):  # a transaction that failed takes no statement; its rollback restores the path
            _set(fetch, setting, for_transaction=in_transaction)
        raise
    _set(fetch, setting, for_transaction=in_transaction)


def _set(fetch: Fetch, path: str, *, for_transaction: bool) -> None:
    quoted = path.replace("'", "''")
    literal = f"E'{quoted}'".replace("\\", "\\\\") if "\\" in path else f"'{quoted}'"
    fetch(f"SELECT pg_catalog.set_config('search_path', {literal}, {str(for_transaction).lower()})")
