"""The schema at a revision, and the difference between two. Knows neither terminal nor pytest.

A revision is named as Alembic's commands take it (3f2a, head, heads, base, head-1, shop@head), or by how its file's name begins.
"""

from collections.abc import Sequence
from pathlib import Path

from alembic.util import CommandError

from alembic_proof.errors import ProofError
from alembic_proof.experiments.order import NATURAL
from alembic_proof.experiments.pictures import PictureOrder, Pictures, take_pictures
from alembic_proof.history import History
from alembic_proof.migrate.host import load_history
from alembic_proof.project import Project
from alembic_proof.reports.schema import SchemaAt, SchemaDifference
from alembic_proof.schema.diff import compare
from alembic_proof.workers import Listener, work_side_by_side


def schema_at(project: Project, revision: str, database: str | None, listen: Listener) -> SchemaAt:
    """Look at the schema when a revision has run.

    Raises:
        ProofError: there is no such revision or database, or the history cannot be run as far as that.

    """
    (name,), pictures = _take(project, (revision,), database, listen)
    return SchemaAt(pictures.database, pictures.server_version, name, pictures.snapshots[0])


def difference_between(project: Project, before: str, after: str, database: str | None, listen: Listener) -> SchemaDifference:
    """Compare the schemas when two revisions have run, whichever is above the other, if one is.

    Raises:
        ProofError: there is no such revision or database, or the history cannot be run as far as that.

    """
    names, pictures = _take(project, (before, after), database, listen)
    expected, actual = pictures.snapshots
    return SchemaDifference(
        database=pictures.database,
        server_version=pictures.server_version,
        before=names[0],
        after=names[1],
        differences=compare(expected, actual, column_order=project.settings.column_order),
        not_read=actual.not_read,
    )


def _take(project: Project, asked: Sequence[str], database: str | None, listen: Listener) -> tuple[list[str], Pictures]:
    history = load_history(project)
    if history.problems:
        fault, files = history.problems[0].fault, ", ".join(history.problems[0].files)
        raise ProofError(f"Cannot look at the schema: the history has a {fault} in {files}. Mend the revision files.")
    found = [_find(project, history, name) for name in asked]
    order = PictureOrder(
        project=project,
        history=history,
        database=database or next(iter(project.settings.databases), NATURAL),
        wanted=tuple(frozenset(revisions).union(*map(history.ancestors, revisions)) for revisions in found),
    )
    [pictures] = work_side_by_side(take_pictures, [order], listen, forking=True)
    return [" ".join(revisions) or "base" for revisions in found], pictures


def _find(project: Project, history: History, asked: str) -> tuple[str, ...]:
    """Give the ids of what is asked for: one, none for the base, all heads for "heads".

    Raises:
        ProofError: there is none, or not one.

    """
    if asked == "base":
        return ()
    if asked in {"head", "heads"}:
        return _heads(history, asked)
    if any(asked in revision.branch_labels for revision in history.revisions):
        raise ProofError(
            f'Cannot take "{asked}" for a revision: it is the label of a branch. Give {asked}@head, or the id of a revision.'
        )
    if asked in history.by_id:
        return (asked,)
    begin_so = [name for name in history.by_id if asked and name.startswith(asked)]
    if not begin_so:  # an id goes before a file's name: 0003 may begin both
        begin_so = [revision.id for revision in history.revisions if asked and Path(revision.file).name.startswith(asked)]
    if len(begin_so) > 1:
        raise ProofError(f'Cannot find revision "{asked}": {_listed(begin_so)} begin so. Give more of the id.')
    upper, _, steps = asked.rpartition("-")
    if not begin_so and upper and steps.isdecimal():
        return _below(history, asked, _find(project, history, upper), int(steps))
    return tuple(begin_so) or _on_a_branch(project, asked)


def _heads(history: History, asked: str) -> tuple[str, ...]:
    heads = history.real_heads
    if asked == "head" and len(heads) > 1:
        raise ProofError(
            f"Cannot take the head: there are {len(heads)} ({_listed(heads)}). Name one, or give heads for all together."
        )
    return heads


def _below(history: History, asked: str, upper: tuple[str, ...], steps: int) -> tuple[str, ...]:
    """Go down from a revision by a number of steps, as far as there is one way."""
    for _ in range(steps):
        parents = history[upper[0]].down if len(upper) == 1 else upper
        if len(upper) != 1 or len(parents) > 1:
            raise ProofError(f'Cannot go down to "{asked}": there is not one way down. Give the id of a revision.')
        upper = parents
    return upper


def _on_a_branch(project: Project, asked: str) -> tuple[str, ...]:
    """What Alembic itself finds: label@head, label@base and the like."""
    try:
        scripts = project.scripts.get_revisions(asked) if "@" in asked else None
    except CommandError:
        scripts = None
    if scripts is None or None in scripts:
        raise ProofError(
            f'Cannot find revision "{asked}": no revision has an id or a file that begins so. '
            "Give one that `alembic history` lists, head, heads or base."
        )
    return tuple(script.revision for script in scripts)


def _listed(names: Sequence[str], most: int = 4) -> str:
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
