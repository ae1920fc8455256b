"""Read names in one way, whatever the connection's search_path: bare in schema public, qualified elsewhere.

PostgreSQL writes expressions, types and definitions as the current search_path needs them.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from alembic_proof.schema.postgresql.prepared import NAMES
from alembic_proof.schema.snapshot import Fetch

_PLAIN = "public, pg_temp"
_STATE = f"""
SELECT array_to_string(pg_catalog.current_schemas(true), ','), pg_catalog.current_setting('search_path'),
       pg_catalog.current_setting('server_version_num')::int4, {NAMES}"""


@contextmanager
def plain_names(fetch: Fetch) -> Iterator[tuple[int, list[str]]]:
    """Make the search_path public for the block, if it is anything else; yield the server's version and our prepared statements.

    A user's own path comes back afterwards. Within a transaction it is changed for the transaction only, so a rollback brings it
    back as well; in autocommit mode, where that lasts for one statement, it is changed for the session.
    """
    [(effective, setting, version, prepared)] = fetch(_STATE)
    if effective == "pg_catalog,public":
        yield version, prepared
        return
    _set(fetch, _PLAIN, for_transaction=True)
    in_transaction = fetch(_STATE)[0][1] == _PLAIN
    if not in_transaction:
        _set(fetch, _PLAIN, for_transaction=False)
    try:
        yield version, prepared
    except BaseException:
        with suppress(Exception):  # a transaction that failed takes no statement; its rollback restores the path
            _set(fetch, setting, for_transaction=in_transaction)
        raise
    _set(fetch, setting, for_transaction=in_transaction)


def _set(fetch: Fetch, path: str, *, for_transaction: bool) -> None:
    quoted = path.replace("'", "''")
    literal = f"E'{quoted}'".replace("\\", "\\\\") if "\\" in path else f"'{quoted}'"
    fetch(f"SELECT pg_catalog.set_config('search_path', {literal}, {str(for_transaction).lower()})")
