"""A planted project in a git repository of its own: branches, commits, merges."""

import os
import subprocess
from pathlib import Path
from typing import Self

from alembic_proof.gate import gate
from alembic_proof.project import Project
from alembic_proof.reports.report import Report
from alembic_proof.testing import ALEMBIC_INI, PlantedProject
from alembic_proof.verify import Request

NOBODY = {f"GIT_{role}_{part}": "nobody@example.org" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
ALONE = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
ON_GRAPH = ("AP101", "AP102", "AP103", "AP104")


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, without anybody's settings."""
    environment = {**os.environ, **NOBODY, **ALONE}
    ended = subprocess.run(["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return ended.stdout.strip()


class Branched(PlantedProject):
    """A project whose first commit, on main, is what is planted before `branch` is called."""

    def __init__(self, root: Path, *, below: str = "", ini: str = ALEMBIC_INI) -> None:
        self.top = root
        super().__init__(root / below, ini=ini)
        git(root, "init", "--initial-branch=main")

    def commit(self) -> Self:
        """Commit all that lies there."""
        git(self.top, "add", "--all")
        git(self.top, "commit", "--allow-empty", "--message=more")
        return self

    def branch(self, name: str, at: str = "HEAD") -> Self:
        """Commit, and go to a new branch."""
        self.commit()
        git(self.top, "checkout", "-b", name, at)
        return self

    def to(self, name: str) -> Self:
        """Commit, and go to another branch or commit."""
        self.commit()
        git(self.top, "checkout", name)
        return self

    def gate(self, *databases: str, checks: tuple[str, ...] = ON_GRAPH, base: str | None = "main") -> Report:
        """Judge what the branch adds; by default the graph and what was released, without a database."""
        return gated(self.project, *databases, checks=checks, base=base)


def gated(project: Project, *databases: str, checks: tuple[str, ...] = ON_GRAPH, base: str | None = "main") -> Report:
    """Judge what the branch of a project adds."""
    request = Request(project=project, databases=databases, checks=checks, forking=True)
    return gate(request, base, lambda _database, _phase, _doing: None, environment={})
