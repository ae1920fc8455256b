"""Make and change text search configurations and dictionaries of PostgreSQL."""

import re
from collections.abc import Iterator, Mapping

from alembic_proof.schema.operations.code import qualified
from alembic_proof.schema.operations.constraints import names
from alembic_proof.schema.snapshot import Key, Value

Properties = Mapping[str, Value]

_OPTION = re.compile(r"(\"(?:[^\"]|\"\")*\"|\w+) = ")


def create_configuration(key: Key, properties: Properties) -> Iterator[str]:
    """Make a configuration, with a mapping for each sort of word."""
    name = qualified(key.schema, key.name, "postgresql")
    yield f"CREATE TEXT SEARCH CONFIGURATION {name} (PARSER = {properties['parser']})"
    yield from (f"ALTER TEXT SEARCH CONFIGURATION {name} ADD MAPPING FOR {mapping}" for mapping in names(properties["mappings"]))


def change_configuration(key: Key, expected: Properties, actual: Properties) -> Iterator[str]:
    """Take mappings away and add them: indexes may need the configuration, so that it cannot be dropped."""
    start = f"ALTER TEXT SEARCH CONFIGURATION {qualified(key.schema, key.name, 'postgresql')}"
    before, after = names(actual["mappings"]), names(expected["mappings"])
    yield from (f"{start} DROP MAPPING FOR {mapping.partition(' ')[0]}" for mapping in before if mapping not in after)
    yield from (f"{start} ADD MAPPING FOR {mapping}" for mapping in after if mapping not in before)


def create_dictionary(key: Key, properties: Properties) -> Iterator[str]:
    """Make a dictionary."""
    options = f", {properties['options']}" if properties["options"] else ""
    name = qualified(key.schema, key.name, "postgresql")
    yield f"CREATE TEXT SEARCH DICTIONARY {name} (TEMPLATE = {properties['template']}{options})"


def change_dictionary(key: Key, expected: Properties, actual: Properties) -> Iterator[str]:
    """Set the options; one named without a value is gone."""
    before, after = (_OPTION.findall(str(side["options"] or "")) for side in (actual, expected))
    settings = [*([str(expected["options"])] if expected["options"] else []), *(name for name in before if name not in after)]
    yield f"ALTER TEXT SEARCH DICTIONARY {qualified(key.schema, key.name, 'postgresql')} ({', '.join(settings)})"
