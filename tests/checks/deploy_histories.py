"""A history in which each revision does to a table of its own what running code minds, or does not mind."""

import textwrap
from pathlib import Path

from alembic_proof.testing import ENV_PY, PlantedProject

ENFORCING = """
# The application's own engine says PRAGMA foreign_keys=ON; migrations run without, as batch mode wants it.
"""

ENUM_ON_POSTGRESQL = """
op.execute("ALTER TYPE mood RENAME TO old_mood")
op.execute("CREATE TYPE mood AS ENUM ({labels})")
op.execute("ALTER TABLE moods ALTER COLUMN v TYPE mood USING v::text::mood")
op.execute("DROP TYPE old_mood")
"""

TABLES = """
op.create_table("parents", sa.Column("id", sa.Integer(), primary_key=True))
for name, *columns in (
    ("renamed", sa.Column("v", sa.String(20))),
    ("dropped", sa.Column("v", sa.String(20))),
    ("gone", sa.Column("v", sa.String(20)), sa.Column("kept", sa.String(20))),
    ("moved", sa.Column("v", sa.String(20), nullable=False)),
    ("viewed", sa.Column("v", sa.String(20))),
    ("required", sa.Column("v", sa.String(20))),
    ("undefaulted", sa.Column("v", sa.String(20), server_default="x", nullable=False)),
    ("uniques", sa.Column("v", sa.String(20))),
    ("checked", sa.Column("v", sa.String(20))),
    ("referring", sa.Column("v", sa.Integer())),
    ("strict", sa.Column("v", sa.String(20))),
    ("narrow", sa.Column("v", sa.String(20))),
    ("small", sa.Column("v", sa.BigInteger())),
    ("retyped", sa.Column("v", sa.Integer())),
    ("lax", sa.Column("v", sa.String(20), nullable=False)),
    ("wide", sa.Column("v", sa.String(20))),
    ("manifold", sa.Column("v", sa.String(20))),
    ("labelled", sa.Column("v", sa.String(20)), sa.CheckConstraint("v IN ('glad', 'sad')", name="ck_labelled_v")),
    ("unmoved", sa.Column("v", sa.String(20)), sa.Column("n", sa.Integer(), server_default="1", nullable=False)),
):
    op.create_table(name, sa.Column("id", sa.Integer(), primary_key=True), *columns)
with op.batch_alter_table("manifold") as batch_op:
    batch_op.create_unique_constraint("uq_manifold_v", ["v"])
op.execute("CREATE VIEW seen AS SELECT id, v FROM viewed")
op.execute("CREATE VIEW shown AS SELECT id, v FROM viewed")
"""

ON_POSTGRESQL = """
op.execute("CREATE TYPE mood AS ENUM ('glad', 'sad')")
op.execute("CREATE TABLE moods (id serial PRIMARY KEY, v mood)")
op.execute("CREATE TYPE feeling AS ENUM ('glad', 'sad')")
op.execute("CREATE TABLE feelings (id serial PRIMARY KEY, v feeling)")
for name, type_ in (("ck_late", "text"), ("fk_late", "int"), ("nn_late", "text")):
    op.execute(f"CREATE TABLE {name}_t (id serial PRIMARY KEY, v {type_})")
"""


def alter(table: str, change: str) -> str:
    """One change in batch mode, which other databases than SQLite take as ALTER TABLE."""
    return f'with op.batch_alter_table("{table}") as batch_op:\n    batch_op.{change}'


def to_string(length: int) -> str:
    """Change the column v from a text to a text of another length."""
    return f'alter_column("v", existing_type=sa.String(20), type_=sa.String({length}))'


MINDED = {
    "table_renamed": ('op.rename_table("renamed", "newly_named")', "renamed"),
    "table_dropped": ('op.drop_table("dropped")', "dropped"),
    "column_dropped": ('op.drop_column("gone", "v")', "gone.v"),
    "column_renamed": ('op.execute("ALTER TABLE moved RENAME COLUMN v TO w")', "moved.v"),
    "view_renamed": ('op.execute("DROP VIEW shown")\nop.execute("CREATE VIEW shown_now AS SELECT id, v FROM viewed")', "shown"),
    "view_dropped": ('op.execute("DROP VIEW seen")', "seen"),
    "required": (alter("required", 'add_column(sa.Column("w", sa.Integer(), nullable=False))'), "required.w"),
    "default_dropped": (alter("undefaulted", 'alter_column("v", existing_type=sa.String(20), existing_nullable=False, '
                              "server_default=None)"), "undefaulted.v"),
    "unique_added": (alter("uniques", 'create_unique_constraint("uq_uniques_v", ["v"])'), "uniques.uq_uniques_v"),
    "unique_index_added": ('op.create_index("ix_checked_v", "checked", ["v"], unique=True)', "checked.ix_checked_v"),
    "check_added": (alter("checked", """create_check_constraint("ck_checked_v", "v <> 'a'")"""), "checked.ck_checked_v"),
    "check_without_a_label": (
        alter("labelled", 'drop_constraint("ck_labelled_v", type_="check")')
        + """\n    batch_op.create_check_constraint("ck_labelled_v", "v IN ('glad')")""",
        "labelled.ck_labelled_v",
    ),
    "reference_added": (alter("referring", 'create_foreign_key("fk_referring_v", "parents", ["v"], ["id"])'),
                        "referring.fk_referring_v"),
    "null_forbidden": (alter("strict", 'alter_column("v", existing_type=sa.String(20), nullable=False)'), "strict.v"),
    "retyped": (alter("retyped", 'alter_column("v", existing_type=sa.Integer(), type_=sa.String(20))'), "retyped.v"),
}  # fmt: skip
"""What old code minds on every database: the upgrade, and the object that is told."""

MINDED_BY_SERVERS = {
    "narrower": (alter("narrow", to_string(10)), "narrow.v"),
    "smaller": (alter("small", 'alter_column("v", existing_type=sa.BigInteger(), type_=sa.SmallInteger())'), "small.v"),
}
"""What SQLite does not enforce."""

MINDED_ON_POSTGRESQL = {
    "label_dropped": (ENUM_ON_POSTGRESQL.format(labels="'glad'"), "mood"),
    "label_renamed": ("""op.execute("ALTER TYPE feeling RENAME VALUE 'sad' TO 'blue'")""", "feeling"),
    "check_not_valid": (
        """op.execute("ALTER TABLE ck_late_t ADD CONSTRAINT ck_late CHECK (v <> 'a') NOT VALID")""", "ck_late_t.ck_late"
    ),
    "reference_not_valid": (
        """op.execute("ALTER TABLE fk_late_t ADD CONSTRAINT fk_late FOREIGN KEY (v) REFERENCES parents NOT VALID")""",
        "fk_late_t.fk_late",
    ),
    "null_forbidden_not_valid": (
        """op.execute("ALTER TABLE nn_late_t ADD CONSTRAINT nn_late NOT NULL v NOT VALID")""", "nn_late_t.v"
    ),
}  # fmt: skip
"""What PostgreSQL alone has words for. NOT VALID spares the rows that are there, and nobody who writes."""

WAITED_FOR = {
    "null_allowed": (alter("lax", 'alter_column("v", existing_type=sa.String(20), nullable=True)'), "lax.v"),
    "unique_dropped": (alter("manifold", 'drop_constraint("uq_manifold_v", type_="unique")'), "manifold.uq_manifold_v"),
}
"""What new code writes and the old schema refuses."""

NOT_MINDED = {
    "table_added": 'op.create_table("added", sa.Column("id", sa.Integer(), primary_key=True))',
    "column_added": 'op.add_column("unmoved", sa.Column("w", sa.String(20)))',
    "with_default": """op.add_column("unmoved", sa.Column("x", sa.String(20), server_default="x", nullable=False))""",
    "index_added": 'op.create_index("ix_unmoved_v", "unmoved", ["v"])',
    "other_default": alter(
        "unmoved", """alter_column("n", existing_type=sa.Integer(), existing_nullable=False, server_default="2")"""
    ),
    "rows": """op.execute("INSERT INTO unmoved (id, v) VALUES (1, 'a')")""",
}
"""What nobody minds."""

TAKEN_BACK = {
    "table_added": 'op.drop_table("added")',
    "column_added": 'op.drop_column("unmoved", "w")',
    "with_default": 'op.drop_column("unmoved", "x")',
    "index_added": 'op.drop_index("ix_unmoved_v", "unmoved")',
    "other_default": NOT_MINDED["other_default"].replace('server_default="2"', 'server_default="1"'),
}
"""The downgrades of most of it."""


def clean_history(root: Path) -> PlantedProject:
    """Revisions that running code does not mind, and nobody else: whole with their downgrades."""
    project = PlantedProject(root).revision("tables", upgrade=TABLES, downgrade=None)
    for revision, downgrade in TAKEN_BACK.items():
        project.revision(revision, upgrade=NOT_MINDED[revision], downgrade=downgrade)
    return project


def deploy_history(root: Path, kind: str) -> tuple[PlantedProject, dict[str, str], dict[str, str]]:
    """Plant it; return what AP601 and AP602 have to tell: the object by revision."""
    tables, minded, waited = TABLES, dict(MINDED), dict(WAITED_FOR)
    if kind != "sqlite":
        minded |= MINDED_BY_SERVERS
        waited["retyped"] = MINDED["retyped"]
        waited["wider"] = (alter("wide", to_string(50)), "wide.v")
    if kind == "postgresql":
        tables += ON_POSTGRESQL
        minded |= MINDED_ON_POSTGRESQL
        waited["label_renamed"] = MINDED_ON_POSTGRESQL["label_renamed"]
        waited["label_added"] = ("""op.execute("ALTER TYPE mood ADD VALUE 'calm'")""", "mood")
    if kind == "mariadb":
        tables += """op.execute("CREATE TABLE moods (id int PRIMARY KEY, v enum('glad', 'sad'))")\n"""
        minded["label_dropped"] = ("""op.execute("ALTER TABLE moods MODIFY v enum('glad')")""", "moods.v")
    project = PlantedProject(root, env_py=ENV_PY + ENFORCING).revision("tables", upgrade=tables)
    upgrades = {name: one[0] for name, one in (*minded.items(), *waited.items())} | NOT_MINDED
    for revision, upgrade in upgrades.items():
        project.revision(revision, upgrade=textwrap.dedent(upgrade))
    return project, {name: one[1] for name, one in minded.items()}, {name: one[1] for name, one in waited.items()}
