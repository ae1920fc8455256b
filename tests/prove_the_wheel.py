"""Prove a small project with the installed wheel, as a user's machine would. Run by tox in an environment that has nothing else.

Takes the folder to work in. Uses no test library and no file of the repository but itself.
"""

import json
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

ENV_PY = """
from alembic import context
from sqlalchemy import create_engine

if not context.is_offline_mode():
    with create_engine(context.config.get_main_option("sqlalchemy.url")).connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
"""

REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.create_table("goods", sa.Column("id", sa.Integer(), primary_key=True))


def downgrade():
    {downgrade}
"""


def plant(root: Path, downgrade: str) -> None:
    """Write an Alembic project of one revision."""
    versions = root / "migrations/versions"
    versions.mkdir(parents=True, exist_ok=True)
    (root / "alembic.ini").write_text(
        "[alembic]\nscript_location = %(here)s/migrations\nsqlalchemy.url = sqlite:///goods.db\n", encoding="utf-8"
    )
    (root / "migrations/env.py").write_text(ENV_PY, encoding="utf-8")
    (versions / "0001_goods.py").write_text(REVISION.format(downgrade=downgrade), encoding="utf-8")


def verify(root: Path) -> tuple[int, list[str]]:
    """Prove it on both databases that the wheel brings; return the exit status and the codes that came out."""
    command = [
        sys.executable,
        "-m",
        "alembic_proof",
        "verify",
        "--on",
        "sqlite",
        "--on",
        "postgresql",
        "--format",
        "json=report.json",
    ]
    ended = subprocess.run(command, cwd=root, check=False)
    report = json.loads((root / "report.json").read_text(encoding="utf-8"))
    assert {database["name"] for database in report["databases"]} == {"sqlite", "postgresql"}, report["databases"]
    return ended.returncode, sorted(finding["code"] for finding in report["findings"])


def main(folder: Path) -> None:
    """Fail where the wheel holds anything but the harness, or judges wrongly."""
    files = [path.as_posix() for path in distribution("alembic-proof").files or ()]
    own = {name.partition("/")[0] for name in files if not name.startswith("../") and ".dist-info/" not in name}
    assert own == {"alembic_proof"}, own
    plant(folder / "good", 'op.drop_table("goods")')
    plant(folder / "bad", "pass")
    assert verify(folder / "good") == (0, []), "a clean project was not proved"
    assert verify(folder / "bad") == (1, ["AP303", "AP303"]), "a downgrade that leaves its table was not told"
    assert not (folder / "good/goods.db").exists(), "the project's own database was opened"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
