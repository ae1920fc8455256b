"""Models with every type, and with every option of a constraint, an index and a table that a database takes."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from tests.schema.every_type import TYPES

# What the models leave out, as (what it is set on, the option), with the reason.
NOT_USED: dict[str, dict[tuple[str, str], str]] = {
    "sqlite": {},
    "postgresql": {
        ("PrimaryKeyConstraint", "include"): "Alembic does not write it: the migration really makes another index",
        ("Index", "concurrently"): "create_all() runs in a transaction, and the index is the same without",
        ("Table", "on_commit"): "of temporary tables alone",
    },
    "mariadb": {("Index", "with_parser"): "names a plugin of the server"},
}


def models(kind: str, convention: dict[str, str], *, virtual: bool = True) -> sa.MetaData:
    """Every type and every option of a constraint that the database takes; if *virtual*, unstored generated columns too."""
    metadata = sa.MetaData(naming_convention=convention)
    typed = sa.Table("types", metadata, sa.Column("id", sa.Integer, primary_key=True))
    for number, made in enumerate(TYPES[kind]):
        typed.append_column(sa.Column(f"c{number}", made, comment=None if number % 7 else f"it's number {number}"))
    parent = _parent(metadata, kind, named=bool(convention))
    if virtual:
        parent.append_column(sa.Column("half", sa.Integer, sa.Computed("first / 2", persisted=False)))
    child = sa.Table(
        "child",
        metadata,
        sa.Column("id", sa.BigInteger, sa.Identity(start=5)) if kind == "postgresql" else sa.Column("id", sa.Integer),
        sa.Column("first", sa.Integer),
        sa.Column("second", sa.String(10)),
        sa.Column("code", sa.String(10), sa.ForeignKey("parent.code", ondelete="SET NULL", onupdate="CASCADE")),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["first", "second"], ["parent.first", "parent.second"], name="fk_both", ondelete="CASCADE"),
        sa.UniqueConstraint("first", "code", name="uq_named"),
        sa.UniqueConstraint("second", "code"),
    )
    if kind != "mariadb":
        child.append_constraint(
            sa.ForeignKeyConstraint(["id"], ["types.id"], name="fk_late", deferrable=True, initially="DEFERRED")
        )
    {"sqlite": _sqlite, "postgresql": _postgresql, "mariadb": _mariadb}[kind](metadata, parent)
    return metadata


def _parent(metadata: sa.MetaData, kind: str, *, named: bool) -> sa.Table:
    return sa.Table(
        "parent",
        metadata,
        sa.Column("first", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("second", sa.String(10), primary_key=True),
        sa.Column("code", sa.String(10), unique=True, nullable=False, index=True),
        sa.Column("order", sa.Integer, index=True, server_default="5"),
        sa.Column("text", sa.String(20), server_default="it's :x"),
        sa.Column("now", sa.DateTime, server_default=sa.func.now()),
        sa.Column("sum", sa.Integer, server_default=sa.text("(1 + 1)")),
        sa.Column("flag", sa.Boolean, server_default=sa.false()),
        sa.Column("double", sa.Integer, sa.Computed('"order" * 2' if kind != "mariadb" else "`order` * 2", persisted=True)),
        sa.CheckConstraint("code <> 'a:b' AND (code LIKE 'x' OR code <> '')", name="code" if named else None),
        sa.CheckConstraint("first > 0", name="first"),
        sa.Index("ix_two", "code", "text" if kind == "sqlite" else sa.desc("text")),
        comment="the parent's",
    )


def _sqlite(metadata: sa.MetaData, parent: sa.Table) -> None:
    sa.Index("ix_part", parent.c.text, sqlite_where=parent.c.order > 5)
    sa.Table("counted", metadata, sa.Column("id", sa.Integer, primary_key=True), sqlite_autoincrement=True)
    sa.Table("keyed", metadata, sa.Column("id", sa.Text, primary_key=True), sqlite_with_rowid=False, sqlite_strict=True)
    sa.Table(
        "clashing",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True, sqlite_on_conflict_primary_key="FAIL"),
        sa.Column("c", sa.Integer, nullable=False, sqlite_on_conflict_not_null="FAIL"),
        sa.Column("d", sa.Integer, unique=True, sqlite_on_conflict_unique="FAIL"),
        sa.UniqueConstraint("c", "d", name="uq_c_d", sqlite_on_conflict="REPLACE"),
    )


def _mariadb(metadata: sa.MetaData, parent: sa.Table) -> None:
    sa.Index("ix_full", parent.c.text, mariadb_prefix="FULLTEXT")
    sa.Index("ix_length", parent.c.text, mariadb_length=5)
    sa.Index("ix_lengths", parent.c.text, parent.c.code, mariadb_length={"text": 4}, mariadb_using="btree")
    sa.Table(
        "tuned",
        metadata,
        sa.Column("id", sa.Integer),
        sa.Column("c", sa.String(10), comment="of latin1"),
        sa.PrimaryKeyConstraint("id", mariadb_using="btree"),
        mariadb_engine="InnoDB",
        mariadb_default_charset="latin1",
        mariadb_collate="latin1_bin",
        mariadb_row_format="COMPRESSED",
        mariadb_key_block_size="8",
        mariadb_auto_increment="7",
    )
    sa.Table("other", metadata, sa.Column("id", sa.Integer, primary_key=True, autoincrement=False), mariadb_engine="Aria")


def _postgresql(metadata: sa.MetaData, parent: sa.Table) -> None:
    listed, jsonb = postgresql.ARRAY(sa.Integer), postgresql.JSONB()
    sa.Index("ix_lower", sa.func.lower(parent.c.code), unique=True)
    sa.Index("ix_part", parent.c.text, postgresql_where=parent.c.order > 5, postgresql_include=["code"])
    sa.Index("ix_ops", parent.c.code, postgresql_ops={"code": "varchar_pattern_ops"}, postgresql_with={"fillfactor": 50})
    sa.Index("ix_one_null", parent.c.order, unique=True, postgresql_nulls_not_distinct=True, postgresql_tablespace="pg_default")
    sa.Index("ix_nulls", parent.c.sum.desc().nulls_last(), parent.c.text.collate("POSIX"))
    far = sa.Table(
        "far", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("c", sa.Integer, index=True), schema="app",
        postgresql_ignore_search_path=True, postgresql_using="heap", postgresql_with={"fillfactor": 70},
        postgresql_tablespace="pg_default",
    )  # fmt: skip
    searched = sa.Table(
        "searched",
        metadata,
        sa.Column("listed", listed),
        sa.Column("doc", jsonb),
        sa.Column("own", sa.Integer),
        postgresql_with_oids=False,
    )
    sa.Index("ix_gin", searched.c.listed, postgresql_using="gin")
    sa.Index("ix_path", searched.c.doc, postgresql_using="gin", postgresql_ops={"doc": "jsonb_path_ops"})
    numbers: dict[str, Any] = {"start": 3, "increment": 2, "minvalue": 1, "maxvalue": 99, "cycle": True, "cache": 5}
    sa.Table(
        "booking",
        metadata,
        sa.Column("number", sa.SmallInteger, sa.Identity(always=True, **numbers)),
        sa.Column("during", postgresql.TSRANGE),
        sa.Column("room", sa.Integer),
        sa.Column("far", sa.Integer),
        sa.PrimaryKeyConstraint("number"),
        postgresql.ExcludeConstraint(
            ("during", "&&"), where=sa.text("room > 0"), using="gist", name="ex_booking", deferrable=True, initially="DEFERRED"
        ),
        sa.UniqueConstraint("room", name="uq_room", postgresql_nulls_not_distinct=True, postgresql_include=["during"]),
        sa.UniqueConstraint("far", "room", name="uq_late", deferrable=True, initially="IMMEDIATE"),
        sa.ForeignKeyConstraint(["far"], [far.c.id], name="fk_far", match="FULL", postgresql_not_valid=True),
        sa.CheckConstraint("room < 100", name="few", postgresql_not_valid=True),
    )
    heir = sa.Table("heir", metadata, sa.Column("more", sa.Integer), postgresql_inherits="searched")
    heir.add_is_dependent_on(searched)
    sa.Table("split", metadata, sa.Column("day", sa.Date, nullable=False), postgresql_partition_by="RANGE (day)")
