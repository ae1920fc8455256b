"""Dumps as the databases' own tools write them, loaded into scratch databases."""

import pytest
from sqlalchemy import make_url

from alembic_proof.databases.dumps import statements_of
from alembic_proof.databases.opening import open_server
from alembic_proof.schema.snapshot import Key, Snapshot

PG_DUMP = r"""
-- PostgreSQL database dump
\restrict lgPo7
SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);
CREATE SCHEMA public;
ALTER SCHEMA public OWNER TO pg_database_owner;
COMMENT ON SCHEMA public IS 'standard public schema';
CREATE FUNCTION public.f() RETURNS integer
    LANGUAGE plpgsql
    AS $$ BEGIN RETURN 1; END; $$;
ALTER FUNCTION public.f() OWNER TO nobody_here;
CREATE TABLE public.users (
    id integer NOT NULL,
    name text
);
ALTER TABLE public.users OWNER TO nobody_here;
ALTER TABLE ONLY public.users ADD CONSTRAINT users_pkey PRIMARY KEY (id);
GRANT SELECT ON TABLE public.users TO nobody_here;
ALTER DEFAULT PRIVILEGES FOR ROLE nobody_here IN SCHEMA public GRANT SELECT ON TABLES TO nobody_here;
\unrestrict lgPo7
"""

SCHEMA_OF_SQLITE = """
CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT);
-- its own
CREATE TABLE sqlite_sequence(name,seq);
CREATE TRIGGER t AFTER INSERT ON users BEGIN UPDATE users SET name = 'a;b'; END;
"""

MYSQLDUMP = """/*M!999999\\- enable the sandbox mode */
/*!40101 SET NAMES utf8mb4 */;
CREATE TABLE `users` (`id` int(11) NOT NULL, `name` text DEFAULT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`nobody`@`here`*/ /*!50003 TRIGGER t BEFORE INSERT ON users FOR EACH ROW
BEGIN
  SET NEW.name = 'a'; SET NEW.name = 'b';
END */;;
DELIMITER ;
/*!40101 SET NAMES utf8mb4 */;
"""


def loaded(name: str, dump: str) -> Snapshot:
    """The schema of a scratch database that a dump was loaded into."""
    server = open_server(name)
    try:
        database = server.create()
        database.run_script(statements_of(dump, server.kind))
        with database.connect() as fetch:
            return server.read(fetch)
    finally:
        server.close()


def names(snapshot: Snapshot) -> set[tuple[str, str]]:
    """Kinds and names alone."""
    return {(key.kind, key.name) for key in snapshot.objects}


def test_a_dump_of_postgresql(postgresql_url: str) -> None:
    """Psql's own words, owners and privileges are left out; all else is there."""
    snapshot = loaded(postgresql_url, PG_DUMP)

    assert {("table", "users"), ("primary key", "users_pkey")} <= names(snapshot)
    assert any(key.kind == "function" for key in snapshot.objects)
    assert Key("table", None, None, "users") in snapshot.objects


def test_a_schema_of_sqlite() -> None:
    """Tables that SQLite makes itself are left to it; a trigger's body is one statement."""
    assert {("table", "users"), ("trigger", "t")} <= names(loaded("sqlite", SCHEMA_OF_SQLITE))


def test_a_dump_of_mariadb(mariadb_url: str) -> None:
    """DELIMITER is the client's word, and a definer who is not here is nobody's."""
    assert make_url(mariadb_url).get_backend_name() == "mariadb"
    assert {("table", "users"), ("trigger", "t")} <= names(loaded(mariadb_url, MYSQLDUMP))


@pytest.mark.parametrize("delimiter", ["//", "$$"])
def test_delimiters(delimiter: str) -> None:
    """Whatever the client was told."""
    dump = f"A;\nDELIMITER {delimiter}\nB; C{delimiter}\nD{delimiter}\ndelimiter ;\nE;\n"

    assert [text.strip() for text in statements_of(dump, "mysql")] == ["A;", "B; C", "D", "E;"]
