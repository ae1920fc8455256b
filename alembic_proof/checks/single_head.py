"""The history has a single head.

Two developers add a revision to the same parent, and each branch is green alone. After the merge `alembic upgrade head` stops
with "Multiple head revisions are present", in the deployment that follows; `alembic-proof gate` tells before the merge. Merge
the heads, or let the later revision name the earlier one as its `down_revision`. Heads that are meant to exist side by side are
named in `expected_heads` (ids or branch labels) under `[tool.alembic_proof]`.
"""

from collections.abc import Iterator, Sequence

from alembic_proof.evidence import Evidence, Merge
from alembic_proof.findings import Finding, Judgement, Rule, Subject
from alembic_proof.history import History, Revision

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
    elif evidence.merge is not None and (apart := _apart(evidence.merge, unexpected)) is not None:
        yield _made_by_the_merge(evidence.merge, *apart)
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


def _apart(merge: Merge, unexpected: Sequence[str]) -> tuple[str, Revision] | None:
    """The base branch's head, and the first of the new revisions beside it, if one chain of each is all there is."""
    theirs = [head for head in unexpected if head not in merge.new]
    mine = [head for head in unexpected if head in merge.new]
    if len(theirs) != 1 or len(mine) != 1:
        return None
    first = merge.history[mine[0]]
    while below := [parent for parent in first.down if parent in merge.new]:
        first = merge.history[below[0]]
    return (theirs[0], first) if len(first.down) == 1 else None


def _made_by_the_merge(merge: Merge, theirs: str, first: Revision) -> Finding:
    base = merge.base.partition(" ")[0]
    return RULE.finding(
        Subject(revision=first.id, file=first.file, line=first.down_revision_line),
        object=first.id,
        what=f"The merge with {base} left {len(merge.history.heads)} heads: {_list(merge.history)}. On {base} it is {theirs}.",
        seen=_chains(merge.history),
        fix=(f"git merge {base}\n" if theirs in merge.missing else "") + f"in {first.file}:  down_revision = {theirs!r}",
    )


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
