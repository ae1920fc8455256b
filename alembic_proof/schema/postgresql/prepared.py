"""Queries that the session keeps prepared, so that the server plans each of them once and not at every look."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import blake2s
from typing import Any

from alembic_proof.schema.snapshot import Fetch, FetchesSeveral

ONLY = "$1"
"""Stands in a query for the numbers of the relations to read, an array of oid."""

NAMES = "ARRAY(SELECT s.name FROM pg_catalog.pg_prepared_statements s WHERE s.name LIKE 'alembic!_proof!_%' ESCAPE '!')::text[]"
"""An SQL expression: the names that the session keeps just now. A migration, or its driver, may say DEALLOCATE ALL."""


class Prepared:
    """A Fetch that prepares each query when it is first run in the session. `kept` are the names that NAMES gave."""

    def __init__(self, fetch: Fetch, kept: Iterable[str]) -> None:
        self._fetch = fetch
        self._kept = set(kept)
        self._argument = "('{}')"
        self._ahead: dict[str, Sequence[tuple[Any, ...]]] = {}
        self.asked: list[str] = []

    def limit_to(self, relations: Collection[int]) -> None:
        """Give ONLY its value."""
        self._argument = f"('{{{','.join(map(str, relations))}}}')"
        self._ahead = {}
        self.asked = []

    def go_ahead(self, queries: Sequence[str]) -> None:
        """Run queries that are going to be asked, in one trip where the driver can: each trip takes longer than its query."""
        if isinstance(self._fetch, FetchesSeveral) and queries:
            statements = [statement for query in queries for statement in self._statements(query)]
            self._ahead = dict(zip(queries, self._fetch.several(statements), strict=True))

    def __call__(self, query: str) -> Sequence[tuple[Any, ...]]:
        """Run a query, or give what it gave ahead. `asked` remembers what was asked since `limit_to`."""
        self.asked.append(query)
        if query in self._ahead:
            return self._ahead.pop(query)
        *preparing, execute = self._statements(query)
        for statement in preparing:
            self._fetch(statement)
        return self._fetch(execute)

    def _statements(self, query: str) -> Iterator[str]:
        name, is_limited = _name(query), ONLY in query
        if name not in self._kept:
            self._kept.add(name)
            yield f"PREPARE {name}{' (oid[])' if is_limited else ''} AS {query}"
        yield f"EXECUTE {name}{self._argument if is_limited else ''}"


@lru_cache(maxsize=256)
def _name(query: str) -> str:
    return f"alembic_proof_{blake2s(query.encode(), digest_size=8).hexdigest()}"
