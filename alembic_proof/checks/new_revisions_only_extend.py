"""The new revisions only extend the history.

A database remembers one thing: the revision at which it stands. A released revision that is deleted or renamed leaves the
databases that stand there without a way on: "Can't locate revision". A revision that is inserted below a released one is never
run by a database that is past it. Put a new revision on a head. To shorten a history on purpose (a squash), keep the files
until the last database is past them, then write `alembic-proof.lock` again. Released is what the lock file holds, and for
`alembic-proof gate` what stands on the base branch; without either this check has nothing to say.
"""

from collections.abc import Iterator

from alembic_proof.checks.released_revisions_unchanged import nothing_released
from alembic_proof.evidence import Evidence
from alembic_proof.findings import Finding, Judgement, Rule, Subject
from alembic_proof.history import History, Revision
from alembic_proof.released import Released, ReleasedRevision

RULE = Rule(module=__name__, code="AP104", effect="A database that is past this place never runs what was put below it.")
NEEDS = frozenset({"released"})

_LOST = 'A database that stands at this revision stops with "Can\'t locate revision identified by".'


def judge(evidence: Evidence) -> Iterator[Judgement]:
    released, history = evidence.released, evidence.history
    if released is None or not released.revisions:
        yield RULE.not_proved(Subject(), nothing_released(released))
        return
    is_sound = True
    for before in released.revisions:
        if before.id not in history.by_id:
            yield _gone(released, history, before)
        elif set(history[before.id].down) != set(before.down):
            yield _moved(released, history, history[before.id], before)
        else:
            continue
        is_sound = False
    if is_sound:
        yield RULE.proved(Subject())


def _gone(released: Released, history: History, before: ReleasedRevision) -> Finding:
    known = {one.id for one in released.revisions}
    renamed = [revision for revision in history.revisions if revision.id not in known and _is_same(released, before, revision)]
    if renamed:
        where = Subject(revision=before.id, file=renamed[0].file)
        what = f"Released revision {before.id} was there under another id: {renamed[0].id}."
        fix = f"in {renamed[0].file}:  revision = {before.id!r}"
    else:
        where = Subject(revision=before.id, file=before.file)
        what = f"Released revision {before.id} was not there any more."
        fix = f"restore {before.file}" if released.restore is None else f"{released.restore} -- {before.file}"
    return RULE.finding(where, object=before.id, what=what, effect=_LOST, seen=(_line(released, before),), fix=fix)


def _is_same(released: Released, before: ReleasedRevision, revision: Revision) -> bool:
    return revision.file == before.file or released.now.get(revision.id) == before.code


def _moved(released: Released, history: History, revision: Revision, before: ReleasedRevision) -> Finding:
    known = {one.id for one in released.revisions}
    inserted = [parent for parent in revision.down if parent not in known]
    what = f"{' and '.join(inserted)} {'was' if len(inserted) == 1 else 'were'} put below released revision {revision.id}."
    return RULE.finding(
        Subject(revision=revision.id, file=revision.file, line=revision.down_revision_line),
        object=revision.id,
        what=what if inserted else f"Released revision {revision.id} stood on another revision than before.",
        seen=(_line(released, before), f"{revision.id} <- {', '.join(revision.down) or 'base'}  ({revision.file})"),
        fix="\n".join(_fix(history, revision, before, inserted)),
    )


def _fix(history: History, revision: Revision, before: ReleasedRevision, inserted: list[str]) -> Iterator[str]:
    yield f"in {revision.file}:  down_revision = {_value(before.down)}"
    heads = [head for head in history.heads if head == revision.id or revision.id in history.ancestors(head)]
    if inserted and heads:
        yield f"in {history[_lowest(history, inserted[0], before)].file}:  down_revision = {heads[0]!r}"


def _lowest(history: History, inserted: str, before: ReleasedRevision) -> str:
    """The first of the revisions that were inserted together: the one that stands where the released one stood."""
    while (parents := history[inserted].down) and not set(parents) & set(before.down):
        inserted = parents[0]
    return inserted


def _value(parents: tuple[str, ...]) -> str:
    return repr(parents[0]) if len(parents) == 1 else repr(parents or None)


def _line(released: Released, before: ReleasedRevision) -> str:
    return f"{before.id} <- {', '.join(before.down) or 'base'}  ({before.file}, in {released.origin})"
