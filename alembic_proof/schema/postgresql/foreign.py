"""What PostgreSQL knows of other databases: wrappers, servers, and where foreign tables are."""

from collections.abc import Mapping

from alembic_proof.schema.postgresql.catalog import PG_FOREIGN_DATA_WRAPPER, PG_FOREIGN_SERVER, Catalog, Objects
from alembic_proof.schema.snapshot import Fetch, Key

OPTIONS = """
       (SELECT string_agg(pg_catalog.quote_ident(o.option_name) || ' ' || pg_catalog.quote_literal(o.option_value), ', ')
        FROM pg_catalog.pg_options_to_table({column}) o)"""
"""An SQL expression: the options of a foreign object, as OPTIONS (...) takes them."""

_WRAPPERS = f"""
SELECT w.oid::int8, w.fdwname::text, nullif(w.fdwhandler, 0)::regproc::text, nullif(w.fdwvalidator, 0)::regproc::text,
{OPTIONS.format(column="w.fdwoptions")}
FROM pg_catalog.pg_foreign_data_wrapper w"""  # noqa: S608 - texts of this file
_SERVERS = f"""
SELECT s.oid::int8, s.srvname::text, w.fdwname::text, s.srvtype, s.srvversion,
{OPTIONS.format(column="s.srvoptions")}
FROM pg_catalog.pg_foreign_server s JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = s.srvfdw"""  # noqa: S608 - texts of this file
_TABLES = f"""
SELECT f.ftrelid::int8, s.srvname::text,
{OPTIONS.format(column="f.ftoptions")}
FROM pg_catalog.pg_foreign_table f JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver"""  # noqa: S608 - texts of this file


def foreign_tables(fetch: Fetch) -> Mapping[int, tuple[str, str | None]]:
    """Read the server and the options of each foreign table, by its number."""
    return {oid: (server, options) for oid, server, options in fetch(_TABLES)}


def foreign_data_wrappers(fetch: Fetch, catalog: Catalog) -> Objects:
    """Read the wrappers that no extension brought."""
    return {
        Key("foreign data wrapper", None, None, name): {
            "handler": handler,
            "validator": validator,
            "options": options,
            "comment": catalog.comment(PG_FOREIGN_DATA_WRAPPER, oid),
        }
        for oid, name, handler, validator, options in fetch(_WRAPPERS)
        if catalog.is_ours(PG_FOREIGN_DATA_WRAPPER, oid)
    }


def foreign_servers(fetch: Fetch, catalog: Catalog) -> Objects:
    """Read the servers. User mappings, which hold passwords, are nobody's schema."""
    return {
        Key("foreign server", None, None, name): {
            "wrapper": wrapper,
            "type": type_,
            "version": version,
            "options": options,
            "comment": catalog.comment(PG_FOREIGN_SERVER, oid),
        }
        for oid, name, wrapper, type_, version, options in fetch(_SERVERS)
    }
