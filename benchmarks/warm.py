"""What a run costs when evidence of an earlier one is there: a pull request with one new revision, and nothing new at all."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench import KINDS, SHORT_RUNS, Bench
from figures import Figure, Table, at_most, seconds
from history import STEPS, models, table_name
from measure import Run, require, run

CHECKS = "AP101,AP102,AP105,AP201,AP202,AP301,AP302,AP303,AP304,AP305,AP307,AP401"
OLDER = 1.5

NEW_REVISION = '''\
"""Give {table} a colour."""

import sqlalchemy as sa
from alembic import op

revision = {revision!r}
down_revision = {down_revision!r}


def upgrade() -> None:
    op.add_column("{table}", sa.Column("colour", sa.String(20), nullable=True))


def downgrade() -> None:
    op.drop_column("{table}", "colour")
'''


class Branch:
    """A generated history in a repository of its own, and a branch with one more revision and its column in the models."""

    def __init__(self, bench: Bench, revisions: int, kind: str) -> None:
        self.folder = bench.folder / f"branch_{revisions}_{kind}"
        shutil.copytree(bench.contest.history(revisions), self.folder, ignore=shutil.ignore_patterns(".alembic_proof", "*.json"))
        self._kind = kind
        self._filled = bench.folder / f"filled_{revisions}_{kind}"
        self._git("init", "-q", "-b", "main")
        (self.folder / ".gitignore").write_text("__pycache__/\n")
        self._commit("base")
        self._prove("verify", self._filled)
        self._git("checkout", "-q", "-b", "branch")
        self._add_a_revision(revisions)
        self._commit("branch")

    def gate(self) -> float:
        """Judge the branch with the evidence of main, and no other."""
        cache = self._filled.with_name(f"{self._filled.name}_now")
        shutil.rmtree(cache, ignore_errors=True)
        shutil.copytree(self._filled, cache)
        return self._prove("gate", cache).seconds

    def again(self) -> float:
        """Judge it once more."""
        return self._prove("gate", self._filled.with_name(f"{self._filled.name}_now")).seconds

    def cold(self) -> float:
        """Judge it with no evidence."""
        return self._prove("gate", None).seconds

    def _prove(self, command: str, cache: Path | None) -> Run:
        base = ["--base", "main"] if command == "gate" else []
        where = ["--no-cache"] if cache is None else ["--cache", str(cache)]
        words = [sys.executable, "-m", "alembic_proof", command, *base, *where, "--on", self._kind, "--checks", CHECKS]
        done = require(run([*words, "--format", "json=../report.json"], self.folder), (0,), "")
        report = json.loads((self.folder.parent / "report.json").read_text(encoding="utf-8"))
        judged = [one for one in report["outcomes"] if one["check"] == "downgrade-restores-schema" and one["outcome"] == "proved"]
        if not judged or (command == "gate" and len(judged) != 1):
            sys.exit(f"Cannot measure: {len(judged)} revisions were judged by {command}. Look at {self.folder}.")
        return done

    def _add_a_revision(self, revisions: int) -> None:
        table = table_name((revisions // len(STEPS) - 1) * len(STEPS))
        text = NEW_REVISION.format(table=table, revision=f"{revisions + 1:05d}", down_revision=f"{revisions:05d}")
        (self.folder / "migrations" / "versions" / f"{revisions + 1:05d}_colour.py").write_text(text)
        before, name, after = models(revisions).partition(f'    "{table}",\n    metadata,\n')
        (self.folder / "models.py").write_text(f'{before}{name}    sa.Column("colour", sa.String(20), nullable=True),\n{after}')

    def _commit(self, message: str) -> None:
        self._git("add", "-A")
        self._git("-c", "user.name=benchmark", "-c", "user.email=benchmark@example.org", "commit", "-qm", message)

    def _git(self, *words: str) -> None:
        subprocess.run(["git", *words], cwd=self.folder, check=True)


def pull_requests(bench: Bench) -> Iterator[Table]:
    """A gate with one new revision on a long history and on a short one."""
    short = max(bench.revisions // 10, 2)
    for kind in KINDS:
        old, young = Branch(bench, bench.revisions, kind), Branch(bench, short, kind)
        cold, long, brief, nothing = bench.rounds(old.cold, old.gate, young.gate, old.again, times=max(bench.times, SHORT_RUNS))
        how = (
            "`alembic-proof gate`, process start included, on a branch that adds one revision and its column in the models; the "
            f"main branch was proved before, and its evidence kept. PostgreSQL is a private server. The checks are {CHECKS}."
        )
        yield Table(
            f"A pull request on {'PostgreSQL' if kind == 'postgresql' else 'SQLite'}",
            how,
            (
                Figure(f"one new revision on {bench.revisions}, no evidence kept", seconds(cold)),
                Figure(f"one new revision on {bench.revisions}, warm", seconds(long), "guide: 1.50 s"),
                Figure(f"one new revision on {short}, warm", seconds(brief)),
                at_most("the old project, in times of the young one", long / brief, OLDER),
                Figure("the same again, nothing changed", seconds(nothing), "guide: 0.80 s"),
            ),
        )
