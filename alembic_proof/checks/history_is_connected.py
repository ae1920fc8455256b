"""The history is connected: every parent exists, nothing is its own ancestor, no id stands in two files.

With a missing parent or a cycle Alembic refuses every command. With one id in two files it takes one of them, warns on stderr and
runs without the other: the deployment is green and a migration was left out. Restore the file, correct `down_revision`, or give
one of the two revisions an id of its own.
"""

from collections.abc import Iterator
from hashlib import sha256

from alembic_proof.checks.settling import pasted
from alembic_proof.evidence import Evidence
from alembic_proof.findings import Finding, Judgement, Rule, Subject
from alembic_proof.history import GraphFault, GraphProblem, History, Revision

RULE = Rule(
    module=__name__,
    code="AP102",
    effect="Alembic refuses every command on this history.",
)
NEEDS = frozenset({"graph"})


def judge(evidence: Evidence) -> Iterator[Judgement]:
    history = evidence.history
    if not history.problems:
        yield RULE.proved(Subject())
    for problem in history.problems:
        match problem.fault:
            case GraphFault.MISSING_PARENT:
                yield _missing_parent(history, problem)
            case GraphFault.CYCLE:
                yield _cycle(history, problem)
            case GraphFault.DUPLICATE_ID:
                yield _duplicate_id(history, problem)


def _missing_parent(history: History, problem: GraphProblem) -> Finding:
    revision, file, missing = history[problem.revisions[0]], problem.files[0], problem.missing
    return RULE.finding(
        Subject(revision=revision.id, file=file, line=revision.down_revision_line),
        object=missing,
        what=f"Revision {revision.id} named {missing} as its parent, and no file had that revision.",
        seen=(f"{revision.id} <- {missing} (no file)",),
        fix=f"restore the file of {missing}, or in {file}:  {_without(history, revision, str(missing))}",
    )


def _cycle(history: History, problem: GraphProblem) -> Finding:
    first = history[problem.revisions[0]]
    return RULE.finding(
        Subject(revision=first.id, file=first.file, line=first.down_revision_line),
        object=first.id,
        what=f"The revisions {', '.join(problem.revisions)} were each other's ancestors.",
        seen=(" <- ".join((*problem.revisions, first.id)), *problem.files),
        fix=f"in the oldest of these files ({first.file}, if its name tells):  down_revision = {_nearest(history, first)!r}",
    )


def _duplicate_id(history: History, problem: GraphProblem) -> Finding:
    later = problem.files[-1]
    heads = [head for head in history.heads if head in history.by_id]
    code = f"revision = {sha256(later.encode()).hexdigest()[:12]!r}\ndown_revision = {(heads[-1] if heads else None)!r}"
    return RULE.finding(
        Subject(revision=problem.revisions[0], file=later),
        object=problem.revisions[0],
        what=f"Revision {problem.revisions[0]} stood in {len(problem.files)} files.",
        effect="Alembic takes one of the files and never runs the others; the deployment is green all the same.",
        seen=problem.files,
        fix=pasted(f"in {later}", code),
    )


def _without(history: History, revision: Revision, missing: str) -> str:
    """The assignment of a revision that names all its parents but the one that is missing."""
    name, named = ("down_revision", revision.down) if missing in revision.down else ("depends_on", revision.depends_on)
    kept = tuple(parent for parent in named if parent != missing)
    if kept:
        return f"{name} = {kept[0]!r}" if len(kept) == 1 else f"{name} = {kept!r}"
    return f"{name} = {_nearest(history, revision)!r}" if name == "down_revision" else "depends_on = None"


def _nearest(history: History, revision: Revision) -> str | None:
    """A parent that could be meant: the last revision that stands on a base and not on this one, None where there is none."""
    sound = [
        other.id for other in history.revisions if _is_sound(history, other) and revision.id not in history.ancestors(other.id)
    ]
    return next((one for one in reversed(sound) if one != revision.id), None)


def _is_sound(history: History, revision: Revision) -> bool:
    above = {revision.id, *history.ancestors(revision.id)}
    in_problem = {name for problem in history.problems for name in problem.revisions}
    return not above & in_problem
