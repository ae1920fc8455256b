"""The statements of a dump of a schema: of `pg_dump -s`, of sqlite3's `.schema`, of `mysqldump --no-data`.

A dump is written for the client that made it and for a server with the same roles. What only the client understands is left out,
and so are owners and privileges, which no picture of a schema holds.
"""

import re
from collections.abc import Iterator

_NOT_FOR_A_SERVER = re.compile(
    r"^(?:\\\w.*|ALTER [^;\n]* OWNER TO [^;\n]+;|(?:GRANT|REVOKE) [^;\n]+;|ALTER DEFAULT PRIVILEGES [^;\n]+;)$",
    re.MULTILINE,
)
_OWN_TABLES = re.compile(r"\s*CREATE TABLE (IF NOT EXISTS )?[\"']?sqlite_", re.IGNORECASE)
_DEFINER = re.compile(r"DEFINER\s*=\s*(`[^`]*`|\w+)@(`[^`]*`|\w+)", re.IGNORECASE)
_SANDBOX = re.compile(r"^/\*M?!999999.*$", re.MULTILINE)
_DELIMITER = re.compile(r"^\s*DELIMITER\s+(\S+)\s*$", re.IGNORECASE)


def statements_of(dump: str, kind: str) -> Iterator[str]:
    """Give texts that `Database.run_script` takes, each of one statement or of several."""
    if kind == "postgresql":
        yield _NOT_FOR_A_SERVER.sub("", dump).replace("CREATE SCHEMA public;", "CREATE SCHEMA IF NOT EXISTS public;")
    elif kind == "sqlite":
        from alembic_proof.databases.sqlite import split

        yield from (statement for statement in split(dump) if not _OWN_TABLES.match(_without_comments(statement)))
    else:
        yield from _of_mysql(_DEFINER.sub("", _SANDBOX.sub("", dump)))


def _without_comments(statement: str) -> str:
    return re.sub(r"^\s*--.*$", "", statement, flags=re.MULTILINE).lstrip()


def _of_mysql(dump: str) -> Iterator[str]:
    """Cut where the client's word DELIMITER says so: bodies of triggers and routines hold semicolons."""
    delimiter, lines = ";", list[str]()
    for line in [*dump.splitlines(), "DELIMITER ;"]:
        if matched := _DELIMITER.match(line):
            text = "\n".join(lines)
            parts = [text] if delimiter == ";" else text.split(delimiter)
            yield from (part for part in parts if part.strip())
            delimiter, lines = matched[1], []
        else:
            lines.append(line)
