"""A small project, `shop`, with one bug planted in it or none: what the bugs of bugs.py are made of."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from alembic_proof.testing import ENV_PY, PlantedProject

USERS = """\
sa.Column("id", sa.Integer(), primary_key=True),
sa.Column("email", sa.String(100), nullable=False),
sa.Column("nickname", sa.String(50)),
"""
OF_APPLICATION = ENV_PY.replace("target_metadata = None", "from shop.base import metadata as target_metadata")
BASE_PY = """\
import sqlalchemy as sa

metadata = sa.MetaData()

from shop import models
"""


@dataclass(frozen=True, slots=True)
class Revision:
    """The bodies of a revision's two functions."""

    upgrade: str
    downgrade: str = "pass"
    down: str | None = None
    header: str = ""


@dataclass(frozen=True, slots=True)
class Shop:
    """One state of the project. `models` and `migrated` are what table users has beside USERS, and what stands below it.

    `dropped` ends the first downgrade: a type that goes with no table. `edits` replace texts of files after `alembic-proof lock`
    was run: what somebody did after the release.
    """

    models: str = ""
    migrated: str = ""
    below_models: str = ""
    dropped: str = ""
    revisions: Sequence[Revision] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    edits: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def write(self, root: Path) -> PlantedProject:
        """Write the project into an empty folder."""
        project = PlantedProject(root, env_py=OF_APPLICATION)
        table = '"users",\n    metadata,\n' + textwrap.indent(USERS + self.models, "    ")
        own = f"import sqlalchemy as sa\n\nfrom shop.base import metadata\n\nusers = sa.Table(\n    {table})\n{self.below_models}"
        for path, content in {"shop/__init__.py": "", "shop/base.py": BASE_PY, "shop/models.py": own, **self.files}.items():
            project.file(path, content)
        made = 'op.create_table(\n    "users",\n' + textwrap.indent(USERS + self.migrated, "    ") + ")"
        project.revision("0001", made, f'op.drop_table("users")\n{self.dropped}')
        for number, revision in enumerate(self.revisions, start=2):
            on = {"down": revision.down} if revision.down is not None else {}
            project.revision(f"{number:04}", revision.upgrade, revision.downgrade, header=revision.header, **on)
        return project


@dataclass(frozen=True, slots=True)
class Bug:
    """A bug, the checks that have to tell it, and the same project without it, on which every check has to be silent."""

    name: str
    checks: Sequence[str]
    bad: Shop
    good: Shop
