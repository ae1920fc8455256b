"""Make, drop and change the objects that are neither tables nor parts of one that Alembic knows."""

from collections.abc import Callable, Iterator, Mapping

from alembic_proof.schema.operations.code import qualified, quoted
from alembic_proof.schema.operations.constraints import names
from alembic_proof.schema.operations.settings import column_comments, view_settings
from alembic_proof.schema.operations.statements import (
    comment_on,
    create_sequence,
    enabled,
    literal,
    named,
    own_sequence,
)
from alembic_proof.schema.operations.text_search import (
    create_configuration,
    create_dictionary,
)
from alembic_proof.schema.snapshot import Key, Value

Properties = Mapping[str, Value]


def create(key: Key, properties: Properties, kind: str) -> Iterator[str]:
    """Write the statements that make an object."""
    if kind == "postgresql":
        yield from _POSTGRESQL.get(key.kind, by_definition)(key, properties)
        if properties.get("comment") is not None:
            yield comment_on(key, properties)
    elif kind == "sqlite":
        yield str(properties["definition"])
    else:
        yield from _mariadb(key, properties, kind)


def drop(key: Key, kind: str) -> str:
    """Write the statement that drops an object."""
    if kind == "postgresql":
        return f"DROP {named(key)}"
    word = "TABLE" if key.kind == "virtual table" else key.kind.upper()
    return f"DROP {word} {quoted(key.name, kind)}"


def rename(key: Key, actual_name: str, kind: str) -> str:
    """Write the statement that gives an object its expected name."""
    return f"ALTER {key.kind.upper()} {quoted(actual_name, kind)} RENAME TO {quoted(key.name, kind)}"


def in_turn(key: Key, expected: Properties, table: Mapping[Key, Properties]) -> tuple[str, ...]:
    """Say in words when a trigger of MariaDB fires, by those of the actual table: FOLLOWS one, or PRECEDES all."""
    earlier = names(expected["follows"])
    if earlier:
        return ("FOLLOWS", earlier[-1])
    moment = str(expected["definition"]).split(" ", 2)[:2]
    others = {
        len(names(properties["follows"])): other.name
        for other, properties in table.items()
        if other.kind == "trigger" and other != key and str(properties["definition"]).split(" ", 2)[:2] == moment
    }
    return ("PRECEDES", others[min(others)]) if others else ()


def by_definition(key: Key, properties: Properties) -> Iterator[str]:
    """Write what the catalog gives in full."""
    yield str(properties["definition"])
    if key.kind in ("trigger", "rule"):
        yield from enabled(key, properties)


def _enum(key: Key, properties: Properties) -> Iterator[str]:
    labels = ", ".join(literal(label) for label in names(properties["labels"]))
    yield f"CREATE TYPE {full_name(key)} AS ENUM ({labels})"


def _domain(key: Key, properties: Properties) -> Iterator[str]:
    parts = [f"CREATE DOMAIN {full_name(key)} AS {properties['type']}"]
    if properties["collation"]:
        parts.append(f'COLLATE "{properties["collation"]}"')
    if properties["default"] is not None:
        parts.append(f"DEFAULT {properties['default']}")
    if not properties["nullable"]:
        parts.append("NOT NULL")
    yield " ".join((*parts, *names(properties["checks"])))


def _composite(key: Key, properties: Properties) -> Iterator[str]:
    yield f"CREATE TYPE {full_name(key)} AS ({', '.join(names(properties['attributes']))})"
    yield from column_comments(full_name(key), (), properties["column_comments"])


def _range(key: Key, properties: Properties) -> Iterator[str]:
    yield f"CREATE TYPE {full_name(key)} AS RANGE (subtype = {properties['type']})"


def _sequence(key: Key, properties: Properties) -> Iterator[str]:
    yield create_sequence(key, properties, "postgresql")
    if properties["owned_by"]:
        yield own_sequence(key, properties, "postgresql")


def _view(key: Key, properties: Properties) -> Iterator[str]:
    options = f" WITH ({properties['options']})" if properties["options"] else ""
    definition = str(properties["definition"]).strip().rstrip(";")
    populated = "" if properties["populated"] else " WITH NO DATA"
    yield f"CREATE {key.kind.upper()} {full_name(key)}{options} AS\n{definition}{populated}"
    yield from view_settings(key, properties, None)


def _policy(key: Key, properties: Properties) -> Iterator[str]:
    parts = [f"CREATE POLICY {quoted(key.name, 'postgresql')} ON {qualified(key.schema, str(key.table), 'postgresql')}"]
    parts.append(f"AS {'PERMISSIVE' if properties['permissive'] else 'RESTRICTIVE'} FOR {properties['command']}")
    parts.append(f"TO {', '.join(names(properties['roles']))}")
    if properties["using"]:
        parts.append(f"USING ({properties['using']})")
    if properties["with_check"]:
        parts.append(f"WITH CHECK ({properties['with_check']})")
    yield " ".join(parts)


def _extension(key: Key, properties: Properties) -> Iterator[str]:
    schema = f" SCHEMA {quoted(str(properties['schema']), 'postgresql')}" if properties["schema"] else ""
    yield f"CREATE EXTENSION {quoted(key.name, 'postgresql')}{schema}"


def _schema(key: Key, _: Properties) -> Iterator[str]:
    yield f"CREATE SCHEMA {quoted(key.name, 'postgresql')}"


def _publication(key: Key, properties: Properties) -> Iterator[str]:
    subjects = [f"TABLE {', '.join(names(properties['tables']))}"] if properties["tables"] else []
    if properties["schemas"]:
        subjects.append(f"TABLES IN SCHEMA {', '.join(names(properties['schemas']))}")
    subject = "FOR ALL TABLES" if properties["all_tables"] else f"FOR {', '.join(subjects)}" if subjects else ""
    publish = ", ".join(names(properties["publishes"]))
    root = ", publish_via_partition_root = true" if properties["via_root"] else ""
    yield f"CREATE PUBLICATION {quoted(key.name, 'postgresql')} {subject} WITH (publish = {literal(publish)}{root})"


def _event_trigger(key: Key, properties: Properties) -> Iterator[str]:
    tags = ", ".join(literal(tag) for tag in str(properties["tags"]).split(", ")) if properties["tags"] else ""
    when = f" WHEN TAG IN ({tags})" if tags else ""
    name = quoted(key.name, "postgresql")
    yield f"CREATE EVENT TRIGGER {name} ON {properties['event']}{when} EXECUTE FUNCTION {properties['function']}()"
    if properties["enabled"] != "O":
        yield set_firing(key, properties)


def _collation(key: Key, properties: Properties) -> Iterator[str]:
    provider = {"i": "icu", "c": "libc", "b": "builtin"}.get(str(properties["provider"]), "libc")
    deterministic = "" if properties["deterministic"] else ", deterministic = false"
    yield f"CREATE COLLATION {full_name(key)} (provider = {provider}, locale = {literal(properties['locale'])}{deterministic})"


def _aggregate(key: Key, properties: Properties) -> Iterator[str]:
    parallel = {"s": "SAFE", "r": "RESTRICTED", "u": "UNSAFE"}
    definition, _, mode = str(properties["definition"]).rpartition("PARALLEL = ")
    name, _, arguments = key.name.partition("(")
    signature = f"{qualified(key.schema, name, 'postgresql')}({arguments}"
    yield f"CREATE AGGREGATE {signature} ({definition}PARALLEL = {parallel.get(mode, 'UNSAFE')})"


def _foreign_data_wrapper(key: Key, properties: Properties) -> Iterator[str]:
    words = [f"{name.upper()} {properties[name]}" for name in ("handler", "validator") if properties[name]]
    yield " ".join((f"CREATE FOREIGN DATA WRAPPER {quoted(key.name, 'postgresql')}", *words, *_options(properties)))


def _foreign_server(key: Key, properties: Properties) -> Iterator[str]:
    words = [f"{name.upper()} {literal(properties[name])}" for name in ("type", "version") if properties[name]]
    wrapper = f"FOREIGN DATA WRAPPER {quoted(str(properties['wrapper']), 'postgresql')}"
    yield " ".join((f"CREATE SERVER {quoted(key.name, 'postgresql')}", *words, wrapper, *_options(properties)))


def _options(properties: Properties) -> list[str]:
    return [f"OPTIONS ({properties['options']})"] if properties["options"] else []


def _statistics(key: Key, properties: Properties) -> Iterator[str]:
    yield str(properties["definition"])
    if properties["statistics_target"] is not None:
        yield set_statistics_target(key, properties)


def set_statistics_target(key: Key, properties: Properties) -> str:
    """Write how closely a statistics object looks."""
    target = properties["statistics_target"]
    return f"ALTER STATISTICS {full_name(key)} SET STATISTICS {-1 if target is None else target}"


def _cast(key: Key, properties: Properties) -> Iterator[str]:
    yield f"CREATE CAST {key.name} {properties['definition']}"


_POSTGRESQL: Mapping[str, Callable[[Key, Properties], Iterator[str]]] = {
    "enum": _enum,
    "domain": _domain,
    "composite type": _composite,
    "range type": _range,
    "sequence": _sequence,
    "view": _view,
    "materialized view": _view,
    "policy": _policy,
    "extension": _extension,
    "schema": _schema,
    "publication": _publication,
    "event trigger": _event_trigger,
    "collation": _collation,
    "aggregate": _aggregate,
    "foreign data wrapper": _foreign_data_wrapper,
    "foreign server": _foreign_server,
    "statistics": _statistics,
    "text search configuration": create_configuration,
    "text search dictionary": create_dictionary,
    "cast": _cast,
}


def _mariadb(key: Key, properties: Properties, kind: str) -> Iterator[str]:
    name = quoted(key.name, kind)
    if key.kind == "sequence":
        yield create_sequence(key, properties, kind)
    elif key.kind == "view":
        check = f" WITH {properties['check_option']} CHECK OPTION" if properties["check_option"] != "NONE" else ""
        algorithm = f"ALGORITHM = {properties['algorithm']} " if properties["algorithm"] else ""
        yield f"CREATE {algorithm}SQL SECURITY {properties['security']} VIEW {name} AS {properties['definition']}{check}"
    elif key.kind == "trigger":
        timing, event, rest = str(properties["definition"]).split(" ", 2)
        statement = rest.removeprefix("FOR EACH ROW ")
        word, *other = names(properties["follows"])[:2] or [""]
        turn = f"{word} {quoted(other[0], kind)} " if word in ("FOLLOWS", "PRECEDES") and other else ""
        yield f"CREATE TRIGGER {name} {timing} {event} ON {quoted(str(key.table), kind)} FOR EACH ROW {turn}{statement}"
    elif key.kind == "event":
        comment = f" COMMENT {literal(properties['comment'])}" if properties["comment"] else ""
        status = {"ENABLED": "ENABLE", "DISABLED": "DISABLE"}.get(str(properties["status"]), "DISABLE ON SLAVE")
        schedule, completion = properties["schedule"], properties["on_completion"]
        body = properties["definition"]
        yield f"CREATE EVENT {name} ON SCHEDULE {schedule} ON COMPLETION {completion} {status}{comment} DO {body}"
    else:
        returns = f" RETURNS {properties['returns']}" if properties["returns"] else ""
        parameters = str(properties["parameters"])
        if key.kind == "function":
            parameters = ", ".join(part.removeprefix("IN ") for part in parameters.split(", "))
        deterministic = "DETERMINISTIC" if properties["deterministic"] else "NOT DETERMINISTIC"
        words = f"{deterministic} {properties['data_access']} SQL SECURITY {properties['security']}"
        comment = f" COMMENT {literal(properties['comment'])}" if properties["comment"] else ""
        yield f"CREATE {key.kind.upper()} {name}({parameters}){returns} {words}{comment} {properties['definition']}"


def set_firing(key: Key, expected: Properties) -> str:
    """Write when an event trigger fires."""
    word = {"D": "DISABLE", "R": "ENABLE REPLICA", "A": "ENABLE ALWAYS"}.get(str(expected["enabled"]), "ENABLE")
    return f"ALTER EVENT TRIGGER {quoted(key.name, 'postgresql')} {word}"


def full_name(key: Key) -> str:
    """Write an object's name with its schema."""
    return qualified(key.schema, key.name, "postgresql")
