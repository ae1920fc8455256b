"""${message}.

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
Create Date: ${create_date}
"""

# Before you ask for a review (delete this list then):
# - The code that runs now must run on the new schema. To rename or drop: first a revision that adds, then a release that uses
#   it, then a revision that drops. NOT NULL and UNIQUE come after all running code keeps to them, in a revision of their own.
# - A new column is nullable or has a server_default: old code does not name it when it inserts.
# - Rows that are there already: NULLs before NOT NULL, duplicates before UNIQUE. Fill in batches, in a revision without DDL.
# - downgrade() takes back what upgrade() did and nothing else: mark rows that you make up. Drop a constraint before its column.
# - Import nothing from fooapi: it will change, this file will not. Copy what you need.
# - Name every constraint with op.f(...), as Base's convention would. Give copy_from to batch_alter_table: SQLite copies the table
#   and --sql has none to look at.
# - A large table on PostgreSQL: the index in a revision of its own, with postgresql_concurrently, in autocommit_block().
# - What is lost by nature is accepted here, with a reason:
#   proof: accept upgrade-keeps-rows users.nickname -- nothing has read it since the release of March
# - Then: alembic-proof verify

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
