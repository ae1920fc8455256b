"""What a planted hazard of rows is, and the pieces that several are made of."""

from dataclasses import dataclass

from alembic_proof.testing import ENV_PY

ALL = ("sqlite", "postgresql", "mariadb")
FOREIGN_KEYS_ON = ENV_PY.replace(
    "    with connectable.connect() as connection:\n",
    "    with connectable.connect() as connection:\n"
    "        if connection.dialect.name == 'sqlite':\n"
    "            connection.exec_driver_sql('PRAGMA foreign_keys=ON')\n"
    "            connection.commit()\n",
)


@dataclass(frozen=True, kw_only=True)
class RowHazard:
    """Two revisions: the first makes tables, the second is `bad` or `clean`, each (upgrade, downgrade).

    `codes` are those of the bad one; None as a downgrade leaves it out: declared one-way.
    """

    name: str
    codes: set[str]
    first: str
    bad: tuple[str, str | None]
    clean: tuple[str, str | None]
    on: tuple[str, ...] = ALL


def table(columns: str, name: str = "t") -> str:
    """A table with a counted key."""
    return f'op.create_table("{name}", sa.Column("id", sa.Integer(), primary_key=True), {columns})'


def batch(code: str, name: str = "t") -> str:
    """Operations of one batch: SQLite rebuilds the table, others alter it."""
    return f'with op.batch_alter_table("{name}") as b:\n    {code}'


def to_strict(type_: str) -> str:
    """The text column takes no NULL any more."""
    return f'b.alter_column("s", nullable=False, existing_type={type_})'


def to_lax(type_: str) -> str:
    """It takes them again."""
    return f'b.alter_column("s", nullable=True, existing_type={type_})'


def to_type(column: str, before: str, after: str) -> str:
    """A column that is never NULL gets another type."""
    return f'b.alter_column("{column}", type_={after}, existing_type={before}, existing_nullable=False)'


def new_labels(labels: str) -> str:
    """A CHECK names other labels."""
    return batch('b.drop_constraint("ck_v", type_="check")\n    ' + f'b.create_check_constraint("ck_v", "v IN ({labels})")')


def numbered(window: str) -> str:
    """Rows are given numbers, in the order of a window or in none."""
    numbers = f"SELECT id, row_number() {window} AS place FROM t"
    update = f"UPDATE t SET n = numbered.place FROM ({numbers}) AS numbered WHERE numbered.id = t.id"
    return f'op.add_column("t", sa.Column("n", sa.Integer()))\nop.execute("{update}")'


def kept_old(name: str) -> str:
    """Say that no running code minds: clean twins are clean of everything else."""
    return f"# proof: accept old-code-still-runs {name} -- no code of the release before uses it\n"


ONLINE = """from alembic import context
if context.is_offline_mode():
    raise RuntimeError("reads rows")
"""


TEXT = 'sa.Column("s", sa.String(50), nullable=True)'
LOST = None
TEXT_TYPE = "sa.String(50)"
NEW_ENUM = """
op.execute("ALTER TYPE mood RENAME TO old_mood")
op.execute("CREATE TYPE mood AS ENUM ({labels})")
op.execute("ALTER TABLE t ALTER COLUMN v TYPE mood USING v::text::mood")
op.execute("DROP TYPE old_mood")
"""
MOODS = "op.execute('CREATE TABLE t (id serial PRIMARY KEY, v mood)')"
