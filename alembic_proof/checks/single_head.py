"""The history has a single head.

Two developers add a revision to the same parent, and each branch is green alone. After the merge `alembic upgrade head` stops
with "Multiple head revisions are present", in the deployment that follows. Merge the heads, or let the later revision name the
earlier one as its `down_revision`. Heads that are meant to exist side by side are named in `expected_heads` (ids or branch
labels) under `[tool.alembic_proof]`.
"""

from collections.abc import Iterator, Sequence

from alembic_proof.evidence import Evidence
from alembic_proof.findings import Judgement, Rule, Subject
from alembic_proof.history import History

RULE = Rule(
    module=__name__,
    code="AP101",
    effect='`alembic upgrade head` stops with "Multiple head revisions are present", in the deployment that follows the merge.',
)
NEEDS = frozenset({"graph"})


def judge(evidence: Evidence) -> Iterator[Judgement]:
    history = evidence.history
    if any(problem.stops_alembic for problem in history.problems):
        yield RULE.not_proved(Subject(), "the graph itself is broken")
        return
    expected = {_id_of(history, name) for name in evidence.expected_heads}
    unexpected = [head for head in history.heads if head not in expected]
    missing = sorted(expected - set(history.heads))
    if missing:
        yield RULE.finding(
            Subject(),
            object=missing[0],
            what=f"expected_heads named {', '.join(missing)}, and the history had no such head. Its heads: {_list(history)}.",
            seen=_chains(history),
            fix=_expect(history.heads),
        )
    elif unexpected and len(history.heads) > 1:
        later = history[unexpected[-1]]
        yield RULE.finding(
            Subject(revision=later.id, file=later.file, line=later.down_revision_line),
            object=later.id,
            what=f"The history had {len(history.heads)} heads: {_list(history)}."
            + (
                f" Of these, {' and '.join(unexpected)} {'was' if len(unexpected) == 1 else 'were'} not expected."
                if expected
                else ""
            ),
            seen=_chains(history),
            fix=_expect(history.heads) if len(unexpected) == 1 else f'alembic merge -m "merge heads" {" ".join(unexpected)}',
        )
    else:
        yield RULE.proved(Subject())


def _expect(heads: Sequence[str]) -> str:
    return f"in [tool.alembic_proof]:  expected_heads = [{', '.join(repr(head) for head in heads)}]"


def _id_of(history: History, name: str) -> str:
    """The head that an id or a branch label means."""
    if name in history.by_id:
        return name
    labelled = [r.id for r in history.revisions if name in r.branch_labels]
    heads = [head for head in history.heads for label in labelled if label == head or label in history.ancestors(head)]
    return heads[0] if heads else name


def _list(history: History) -> str:
    return " and ".join(history.heads)


def _chains(history: History) -> tuple[str, ...]:
    return tuple(f"{head} <- {', '.join(history[head].down) or 'base'}  ({history[head].file})" for head in history.heads)
