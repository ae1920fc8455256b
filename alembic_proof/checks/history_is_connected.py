"""The history is connected: every parent exists, nothing is its own ancestor, no id stands in two files.

With a missing parent or a cycle Alembic refuses every command. With one id in two files it takes one of them, warns on stderr and
runs without the other: the deployment is green and a migration was left out. Restore the file, correct `down_revision`, or give
one of the two revisions an id of its own.
"""

from collections.abc import Iterator

from alembic_proof.evidence import Evidence
from alembic_proof.findings import Finding, Judgement, Rule, Subject
from alembic_proof.history import GraphFault, GraphProblem, History

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
        yield _finding(history, problem)


def _finding(history: History, problem: GraphProblem) -> Finding:
    first = history[problem.revisions[0]]
    match problem.fault:
        case GraphFault.MISSING_PARENT:
            return RULE.finding(
                Subject(revision=first.id, file=problem.files[0], line=first.down_revision_line),
                object=problem.missing,
                what=f"Revision {first.id} names {problem.missing} as its parent, and no file has that revision.",
                seen=(f"{first.id} <- {problem.missing} (no file)",),
                fix=f"restore the file of {problem.missing}, or name an existing parent:  down_revision = {_nearest(history)!r}",
            )
        case GraphFault.CYCLE:
            names = " <- ".join((*problem.revisions, problem.revisions[0]))
            return RULE.finding(
                Subject(revision=first.id, file=problem.files[0], line=first.down_revision_line),
                object=first.id,
                what=f"The revisions {', '.join(problem.revisions)} are each other's ancestors.",
                seen=(names, *problem.files),
                fix="in the oldest of these files:  down_revision = None",
            )
        case GraphFault.DUPLICATE_ID:
            return RULE.finding(
                Subject(revision=first.id, file=problem.files[-1]),
                object=first.id,
                what=f"Revision {first.id} stands in {len(problem.files)} files.",
                effect="Alembic takes one of the files and never runs the others; the deployment is green all the same.",
                seen=problem.files,
                fix=f"give {problem.files[-1]} an id of its own, and a down_revision:  alembic revision -m ... prints one",
            )


def _nearest(history: History) -> str | None:
    """A revision that could be meant: the last one whose own parents all exist."""
    sound = [r.id for r in history.revisions if all(parent in history.by_id for parent in r.parents)]
    return sound[-1] if sound else None
