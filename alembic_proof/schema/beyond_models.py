"""What SQLAlchemy's models have no words for, so that only migrations can make it."""

from alembic_proof.schema.diff import Change, Difference

_KINDS = frozenset({
    "view", "materialized view", "trigger", "function", "procedure", "extension", "schema", "policy", "rule", "sequence",
    "domain", "composite type", "range type", "collation", "statistics", "publication", "event", "aggregate", "event trigger",
    "foreign data wrapper", "foreign server", "text search configuration", "text search dictionary", "cast",
})  # fmt: skip
_SETTINGS = frozenset({
    "row_security", "force_row_security", "replica_identity", "clustered", "compression", "storage", "statistics_target",
    "not_null", "index_comment", "column_settings", "column_comments",
})  # fmt: skip
"""Properties of tables, columns, constraints and indexes. Storage parameters, tablespaces and comments models can state."""
_USUAL = (None, False, (), "DEFAULT")


def is_beyond_models(difference: Difference) -> bool:
    """Say whether the actual schema has what models cannot ask for: an object, or a setting where they have the usual one."""
    if difference.change is Change.EXTRA:
        actual = difference.actual or {}
        return difference.key.kind in _KINDS or bool(actual.get("foreign")) or actual.get("partition_bound") is not None
    if difference.change is not Change.CHANGED or difference.expected is None or difference.renamed_to is not None:
        return False
    if difference.key.kind == "database":
        return True
    changed = difference.changed_properties()
    return set(changed) <= _SETTINGS and all(difference.expected.get(name) in _USUAL for name in changed)
