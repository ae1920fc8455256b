"""Generate an Alembic project of any length, always the same one for the same length.

Every five revisions work on a table of their own: create it, add a column, add an index, insert rows, alter it in batch mode.
The models match at head. It runs on SQLite and on PostgreSQL. Its env.py makes an engine from `sqlalchemy.url` each time it
is executed, as the file that `alembic init` writes does; or it takes `config.attributes["connection"]` where that is given.
"""

import argparse
from pathlib import Path

ENV_PY = """\
from alembic import context
from models import metadata
from sqlalchemy import engine_from_config, pool

config = context.config


def run_migrations_offline() -> None:
    context.configure(url=config.get_main_option("sqlalchemy.url"), target_metadata=metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


def run_migrations_online() -> None:
    {connectable}
    with connectable.connect() as connection:
        context.configure(
            connection=connection, target_metadata=metadata, render_as_batch=connection.dialect.name == "sqlite"
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    run_migrations_offline()
else:
    run_migrations_online()
"""

MADE_EACH_TIME = "connectable = engine_from_config(config.get_section(config.config_ini_section, {}), poolclass=pool.NullPool)"
TAKEN_IF_GIVEN = f"""\
connectable = config.attributes.get("connection")
    if connectable is None:
        {MADE_EACH_TIME}"""

ALEMBIC_INI = """\
[alembic]
script_location = %(here)s/migrations
prepend_sys_path = %(here)s
path_separator = os
sqlalchemy.url = {url}
"""

REVISION = '''\
"""{message}."""

import sqlalchemy as sa
from alembic import op

revision = {revision!r}
down_revision = {down_revision!r}


def upgrade() -> None:
{upgrade}


def downgrade() -> None:
{downgrade}
'''

STEPS = (
    (
        "create {table}",
        """\
    op.create_table(
        "{table}",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_{table}"),
    )""",
        """\
    op.drop_table("{table}")""",
    ),
    (
        "add a note to {table}",
        """\
    op.add_column("{table}", sa.Column("note", sa.String(100), nullable=True))""",
        """\
    op.drop_column("{table}", "note")""",
    ),
    (
        "index the names of {table}",
        """\
    op.create_index("ix_{table}_name", "{table}", ["name"])""",
        """\
    op.drop_index("ix_{table}_name", table_name="{table}")""",
    ),
    (
        "fill {table}",
        """\
    columns = (sa.column("id", sa.Integer()), sa.column("name", sa.String()), sa.column("note", sa.String()))
    rows = sa.table("{table}", *columns)
    op.bulk_insert(rows, [{{"id": number, "name": f"name {{number}}", "note": "new"}} for number in range(1, 4)])""",
        """\
    op.execute("DELETE FROM {table} WHERE id IN (1, 2, 3)")""",
    ),
    (
        "demand a note of {table}",
        """\
    with op.batch_alter_table("{table}") as batch:
        batch.alter_column("note", existing_type=sa.String(100), type_=sa.String(200), nullable=False)""",
        """\
    with op.batch_alter_table("{table}") as batch:
        batch.alter_column("note", existing_type=sa.String(200), type_=sa.String(100), nullable=True)""",
    ),
)

NOTED, INDEXED, DEMANDED = 1, 2, 4  # the steps that models.py must know of, by their place above


def generate(folder: Path, revisions: int, url: str = "sqlite:///app.db", *, takes_connection: bool = False) -> Path:
    """Write the project into an empty or new folder and return its alembic.ini."""
    versions = folder / "migrations" / "versions"
    versions.mkdir(parents=True)
    (folder / "models.py").write_text(models(revisions))
    connectable = TAKEN_IF_GIVEN if takes_connection else MADE_EACH_TIME
    (folder / "migrations" / "env.py").write_text(ENV_PY.replace("{connectable}", connectable))
    down_revision = None
    for number in range(revisions):
        message, upgrade, downgrade = (text.format(table=table_name(number)) for text in STEPS[number % len(STEPS)])
        revision = f"{number + 1:05d}"
        text = REVISION.format(
            message=message.capitalize(),
            revision=revision,
            down_revision=down_revision,
            upgrade=upgrade,
            downgrade=downgrade,
        )
        (versions / f"{revision}_{message.replace(' ', '_')}.py").write_text(text)
        down_revision = revision
    ini = folder / "alembic.ini"
    ini.write_text(ALEMBIC_INI.format(url=url.replace("%", "%%")))
    return ini


def table_name(number: int) -> str:
    """Return the table that a revision works on, by its place in the history."""
    return f"item_{number // len(STEPS) + 1:04d}"


def models(revisions: int) -> str:
    """Return models.py as it stands at head: the last table may be unfinished."""
    lines = ["import sqlalchemy as sa", "", "metadata = sa.MetaData()"]
    for first in range(0, revisions, len(STEPS)):
        table, last = table_name(first), min(revisions - first, len(STEPS)) - 1
        lines += [
            "",
            f'{table} = sa.Table(\n    "{table}",\n    metadata,',
            '    sa.Column("id", sa.Integer(), nullable=False),',
            f'    sa.Column("name", sa.String(50), nullable=False{", index=True" if last >= INDEXED else ""}),',
            '    sa.Column("quantity", sa.Integer(), nullable=False, server_default="0"),',
        ]
        if last >= NOTED:
            note = "sa.String(200), nullable=False" if last >= DEMANDED else "sa.String(100), nullable=True"
            lines.append(f'    sa.Column("note", {note}),')
        lines.append(f'    sa.PrimaryKeyConstraint("id", name="pk_{table}"),\n)')
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write one project, from the command line."""
    parser = argparse.ArgumentParser(description="Generate an Alembic project.")
    parser.add_argument("folder", type=Path, help="an empty or new folder")
    parser.add_argument("--revisions", type=int, default=300)
    parser.add_argument("--url", default="sqlite:///app.db", help="its sqlalchemy.url")
    parser.add_argument("--takes-connection", action="store_true", help="env.py takes the connection that it is given")
    arguments = parser.parse_args()
    print(generate(arguments.folder, arguments.revisions, arguments.url, takes_connection=arguments.takes_connection))


if __name__ == "__main__":
    main()
