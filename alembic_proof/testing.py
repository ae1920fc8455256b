"""Small Alembic projects on disk, for tests of checks: our own, and those that a team writes for itself."""

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from alembic_proof.findings import Finding
from alembic_proof.project import Project, find_project
from alembic_proof.reports.report import Report
from alembic_proof.verify import Request, verify

ENV_PY = """
from alembic import context
from sqlalchemy import engine_from_config, pool

config = context.config
target_metadata = None

if context.is_offline_mode():
    context.configure(
        url=config.get_main_option("sqlalchemy.url"), target_metadata=target_metadata, literal_binds=True,
        dialect_opts={"paramstyle": "named"},
    )
    with context.begin_transaction():
        context.run_migrations()
else:
    connectable = engine_from_config(config.get_section(config.config_ini_section, {}), poolclass=pool.NullPool)
    with connectable.connect() as connection:
        context.configure(connection=connection, target_metadata=target_metadata)
        with context.begin_transaction():
            context.run_migrations()
"""
"""The env.py of Alembic's generic template, without logging."""

ALEMBIC_INI = """
[alembic]
script_location = %(here)s/migrations
prepend_sys_path = %(here)s
sqlalchemy.url = sqlite:///app.db
"""


class PlantedProject:
    """An Alembic project in a folder of its own: alembic.ini, migrations/env.py and what is planted there."""

    def __init__(self, root: Path, *, env_py: str = ENV_PY, ini: str = ALEMBIC_INI) -> None:
        self.root = root
        self._last: str | None = None
        self.file("alembic.ini", ini)
        self.file("migrations/env.py", env_py)
        (root / "migrations/versions").mkdir(exist_ok=True)

    def file(self, path: str, content: str) -> Self:
        """Write a file; common indentation is taken off."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(content).lstrip("\n"), encoding="utf-8")
        return self

    def revision(
        self,
        revision: str,
        upgrade: str = "pass",
        downgrade: str | None = "pass",
        *,
        down: str | Sequence[str] | None = "(the one before)",
        header: str = "",
        folder: str = "migrations/versions",
    ) -> Self:
        """Add a revision on the one before it. `downgrade` None leaves the function out; `header` stands above the functions."""
        parent = self._last if down == "(the one before)" else down
        self._last = revision
        functions = f"def upgrade():\n{_indented(upgrade)}\n"
        if downgrade is not None:
            functions += f"\n\ndef downgrade():\n{_indented(downgrade)}\n"
        self.file(
            f"{folder}/{revision}_planted.py",
            f'"""Revision {revision}."""\n\nimport sqlalchemy as sa\nfrom alembic import op\n\n'
            f"revision = {revision!r}\ndown_revision = {parent!r}\n{textwrap.dedent(header)}\n\n{functions}",
        )
        return self

    @property
    def project(self) -> Project:
        """The project as the harness finds it."""
        return find_project(root=self.root)

    def verify(self, *databases: str, checks: Sequence[str] = (), revisions: str | None = None, faithful: bool = False) -> Report:
        """Prove it, on SQLite when no database is named."""
        return verify(
            Request(
                project=self.project,
                databases=databases or ("sqlite",),
                checks=tuple(checks),
                revision_range=revisions,
                faithful=faithful,
                forking=True,
            )
        )

    def findings(self, *databases: str, checks: Sequence[str] = ()) -> tuple[Finding, ...]:
        """Prove it, and return what is broken."""
        return self.verify(*databases, checks=checks).findings


def _indented(code: str) -> str:
    return textwrap.indent(textwrap.dedent(code).strip("\n"), "    ")
