"""Which relations changed since the last look, told by the versions of their rows in the catalog: one query.

A row of a catalog is known by its place and by the transaction, or the part of one after a savepoint, that wrote it. A rollback
brings the old row back, and what is written after it is written by another; so the answer holds within a transaction, too.
"""

from alembic_proof.schema.snapshot import Fetch

SINCE = 150000  # hashtidextended(), bit_xor() and pg_publication_namespace
NAMES, RUNNING = -1, -2
"""Two entries that are no relations: what any text may mention by name, and what is read whole at each look that reads."""

# A default has a row of its own, but is never set or dropped without a new row for its column; a table of long values, not
# without one for its table. Constraints that are plainly NOT NULL say nothing that their columns do not, and those of foreign
# keys' triggers are the server's.
_OF_RELATIONS = """
SELECT t.oid::int8, {row} # coalesce((SELECT pg_catalog.bit_xor({other}) FROM pg_catalog.pg_attribute u
                                      WHERE u.attrelid = t.oid AND u.attnum > 0 AND t.relkind <> 'S'), 0)
FROM pg_catalog.pg_class t
WHERE t.oid >= 16384 AND t.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c')
UNION ALL SELECT u.indrelid::int8, {row} # {other} FROM pg_catalog.pg_class t, pg_catalog.pg_index u
WHERE t.oid >= 16384 AND u.indexrelid = t.oid
UNION ALL SELECT t.conrelid::int8, {row} FROM pg_catalog.pg_constraint t
WHERE t.conrelid >= 16384 AND (t.contype IN ('p', 'u', 'f', 'c', 'x')
                               OR t.contype = 'n' AND (t.connoinherit OR NOT t.convalidated))
UNION ALL SELECT u.indrelid::int8, {row} FROM pg_catalog.pg_attribute t, pg_catalog.pg_index u
WHERE u.indexrelid >= 16384 AND u.indexprs IS NOT NULL AND t.attrelid = u.indexrelid
UNION ALL SELECT t.ftrelid::int8, {row} FROM pg_catalog.pg_foreign_table t
UNION ALL SELECT t.inhrelid::int8, {row} FROM pg_catalog.pg_inherits t
UNION ALL SELECT t.seqrelid::int8, {row} FROM pg_catalog.pg_sequence t"""
_NAMES = (
    *("pg_namespace t", "pg_enum t", "pg_am t", "pg_extension t"),
    *(f"{name} t WHERE t.oid >= 16384" for name in ("pg_proc", "pg_collation", "pg_opclass", "pg_operator")),
    *(f"{name} t WHERE t.oid >= 16384" for name in ("pg_ts_config", "pg_ts_dict")),
    "pg_type t WHERE t.oid >= 16384 AND t.typtype IN ('e', 'd', 'r')",
    "pg_constraint t WHERE t.contypid >= 16384",
)
_RUNNING = (
    *(
        "pg_inherits t",
        "pg_policy t",
        "pg_statistic_ext t",
        "pg_publication t",
        "pg_publication_rel t",
        "pg_publication_namespace t",
        "pg_event_trigger t",
    ),
    *("pg_ts_config_map t WHERE t.mapcfg >= 16384", "pg_cast t WHERE t.oid >= 16384"),
    *(
        "pg_foreign_data_wrapper t",
        "pg_foreign_server t",
        "pg_trigger t WHERE NOT t.tgisinternal",
        "pg_rewrite t WHERE t.oid >= 16384",
    ),
    "pg_description t WHERE t.objoid >= 16384 OR t.objoid = 2200",
)


def _query() -> str:
    selects = _OF_RELATIONS.split("UNION ALL")
    of_relations = len(selects)
    selects += [f"SELECT {NAMES}, {{row}} FROM pg_catalog.{rest}" for rest in _NAMES]  # noqa: S608 - texts of this file
    selects += [f"SELECT {RUNNING}, {{row}} FROM pg_catalog.{rest}" for rest in _RUNNING]  # noqa: S608 - texts of this file
    joined = " UNION ALL ".join(
        # The number of the catalog goes in, lest two rows of one place in two catalogs cancel out.
        select.format(
            row=_version("t", 2 * number, is_ours=number < of_relations), other=_version("u", 2 * number + 1, is_ours=True)
        )
        for number, select in enumerate(selects)
    )
    return f"SELECT relation, pg_catalog.bit_xor(version) FROM ({joined}) rows(relation, version) GROUP BY relation"  # noqa: S608


def _version(row: str, number: int, *, is_ours: bool) -> str:
    # A transaction's number is the distance of two ages, quicker than by way of its text; initdb's own has no age.
    writer = f"(pg_catalog.age('3'::xid)::int8 - pg_catalog.age({row}.xmin))" if is_ours else f"{row}.xmin::text::int8"
    return f"pg_catalog.hashtidextended({row}.ctid, {writer} * 64 + {number})"


_QUERY = _query()


def fingerprints(fetch: Fetch) -> dict[int, int]:
    """Fold the versions of each relation's rows into one number; NAMES and RUNNING have one each."""
    return dict(fetch(_QUERY))
