"""Change objects that stand free where they are: what needs them keeps them."""

from collections.abc import Callable, Iterator, Mapping

from alembic_proof.schema.operations.code import qualified, quoted
from alembic_proof.schema.operations.constraints import names
from alembic_proof.schema.operations.free_standing import by_definition, full_name, set_firing, set_statistics_target
from alembic_proof.schema.operations.settings import column_comments, view_settings
from alembic_proof.schema.operations.statements import changed_options, comment_on, enabled, literal, named
from alembic_proof.schema.operations.text_search import change_configuration, change_dictionary
from alembic_proof.schema.snapshot import Key, Value

Properties = Mapping[str, Value]


def change(key: Key, expected: Properties, actual: Properties, differs: tuple[str, ...], kind: str) -> Iterator[str] | None:
    """Write statements that change an object in place; None where it has to be dropped and made again."""
    if key.kind == "database":
        return iter((f"ALTER DATABASE COLLATE = {expected['collation']}",))
    if kind != "postgresql":
        return None
    settle, able = _IN_PLACE.get(key.kind, (None, frozenset[str]()))
    if not set(differs) <= {"comment", *able}:
        return None
    statements = None if settle is None or differs == ("comment",) else settle(key, expected, actual)
    if differs != ("comment",) and statements is None:
        return None
    comment = [comment_on(key, expected)] if "comment" in differs else []
    return iter((*(statements or ()), *comment))


def _enabled(key: Key, expected: Properties, _: Properties) -> Iterator[str]:
    table, name = qualified(key.schema, str(key.table), "postgresql"), quoted(key.name, "postgresql")
    return iter((*enabled(key, expected),) or (f"ALTER TABLE {table} ENABLE {key.kind.upper()} {name}",))


def _altered_domain(key: Key, expected: Properties, actual: Properties) -> Iterator[str]:
    start = f"ALTER DOMAIN {full_name(key)}"
    before, after = names(actual["checks"]), names(expected["checks"])
    for check in before:
        if check not in after:
            yield f"{start} DROP CONSTRAINT {check.removeprefix('CONSTRAINT ').partition(' CHECK ')[0]}"
    yield from (f"{start} ADD {check}" for check in after if check not in before)
    if expected["default"] != actual["default"]:
        yield f"{start} " + ("DROP DEFAULT" if expected["default"] is None else f"SET DEFAULT {expected['default']}")
    if expected["nullable"] != actual["nullable"]:
        yield f"{start} {'DROP' if expected['nullable'] else 'SET'} NOT NULL"


def _replaced(key: Key, expected: Properties, _: Properties) -> Iterator[str]:
    return by_definition(key, expected)


def _commented(key: Key, expected: Properties, actual: Properties) -> Iterator[str]:
    return column_comments(full_name(key), actual["column_comments"], expected["column_comments"])


def _targeted(key: Key, expected: Properties, _: Properties) -> Iterator[str]:
    yield set_statistics_target(key, expected)


def _fired(key: Key, expected: Properties, _: Properties) -> Iterator[str]:
    yield set_firing(key, expected)


def _other_options(key: Key, expected: Properties, actual: Properties) -> Iterator[str]:
    yield f"ALTER {named(key)} {changed_options(actual['options'], expected['options'])}"


def _added_labels(key: Key, expected_properties: Properties, actual_properties: Properties) -> Iterator[str] | None:
    """Add labels where every label of the actual enum stays, in the same order."""
    expected, actual = names(expected_properties["labels"]), names(actual_properties["labels"])
    if [label for label in expected if label in actual] != actual:
        return None
    statements = []
    for position, label in enumerate(expected):
        if label not in actual:
            place = f"AFTER {literal(expected[position - 1])}" if position else f"BEFORE {literal(actual[0])}" if actual else ""
            statements.append(f"ALTER TYPE {full_name(key)} ADD VALUE {literal(label)} {place}")
    return iter(statements)


_Settle = Callable[[Key, Properties, Properties], Iterator[str] | None]
_OF_VIEWS = frozenset({"options", "access_method", "tablespace", "column_settings", "column_comments"})
_IN_PLACE: Mapping[str, tuple[_Settle, frozenset[str]]] = {
    "trigger": (_enabled, frozenset({"enabled"})),
    "rule": (_enabled, frozenset({"enabled"})),
    "view": (view_settings, _OF_VIEWS),
    "materialized view": (view_settings, _OF_VIEWS),
    "composite type": (_commented, frozenset({"column_comments"})),
    "event trigger": (_fired, frozenset({"enabled"})),
    "domain": (_altered_domain, frozenset({"default", "nullable", "checks"})),
    "statistics": (_targeted, frozenset({"statistics_target"})),
    "foreign server": (_other_options, frozenset({"options"})),
    "foreign data wrapper": (_other_options, frozenset({"options"})),
    "text search configuration": (change_configuration, frozenset({"mappings"})),
    "text search dictionary": (change_dictionary, frozenset({"options"})),
    "function": (_replaced, frozenset({"definition"})),
    "procedure": (_replaced, frozenset({"definition"})),
    "enum": (_added_labels, frozenset({"labels"})),
}
"""What some kinds can have changed in place, beside the comment, which all can."""
