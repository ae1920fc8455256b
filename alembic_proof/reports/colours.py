"""Source text as lines of HTML, its words in classes that the page's style colours: enough to read by, and fast."""

import keyword
import re
from collections.abc import Iterator
from functools import lru_cache

from markupsafe import Markup, escape

_SQL_WORDS = (
    "ADD ALTER AND AS ASC BEGIN BY CASCADE CASE CAST CHECK COLLATE COLUMN COMMENT COMMIT CONSTRAINT CREATE DATABASE "
    "DEFAULT DELETE DESC DISTINCT DO DROP ELSE END ENUM EXCLUDE EXECUTE EXISTS EXTENSION FALSE FOR FOREIGN FROM "
    "FUNCTION GENERATED GROUP HAVING IF IN INDEX INNER INSERT INTO IS JOIN KEY LANGUAGE LEFT LIMIT NOT NULL ON OR "
    "ORDER PRIMARY PROCEDURE REFERENCES RENAME REPLACE RETURNING RETURNS SCHEMA SELECT SEQUENCE SET TABLE THEN TO "
    "TRIGGER TRUE TYPE UNION UNIQUE UPDATE USING VALUES VIEW WHEN WHERE WITH "
)

_PYTHON = re.compile(
    r"(?P<comment>\#[^\n]*)"
    r"|(?P<string>[rbfuRBFU]{0,2}(?:\"\"\".*?\"\"\"|'''.*?'''|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'))"
    r"|(?P<name>(?<=def )\w+|(?<=class )\w+|@[\w.]+)"
    rf"|(?P<keyword>\b(?:{'|'.join(keyword.kwlist)})\b)"
    r"|(?P<number>\b\d[\w.]*)",
    re.DOTALL,
)
_SQL = re.compile(
    r"(?P<comment>--[^\n]*|/\*.*?\*/)|(?P<string>'(?:''|[^'])*')|(?P<name>\"[^\"]*\"|`[^`]*`)"
    rf"|(?P<keyword>\b(?:{'|'.join(_SQL_WORDS.split())})\b)|(?P<number>\b\d[\w.]*)",
    re.DOTALL | re.IGNORECASE,
)
_LANGUAGES = {"python": _PYTHON, "sql": _SQL}


@lru_cache(maxsize=4096)
def highlighted(source: str, language: str) -> tuple[Markup, ...]:
    """Mark up "python" or "sql", line by line; every letter of it is escaped."""
    marked = Markup().join(_parts(source.rstrip("\n"), _LANGUAGES[language]))
    return tuple(Markup(line) for line in marked.split("\n"))  # noqa: S704 - escaped above


def _parts(source: str, pattern: re.Pattern[str]) -> Iterator[Markup]:
    end = 0
    for found in pattern.finditer(source):
        yield escape(source[end : found.start()])
        yield Markup("\n").join(Markup('<i class="{}">{}</i>').format(found.lastgroup, line) for line in found[0].split("\n"))
        end = found.end()
    yield escape(source[end:])
