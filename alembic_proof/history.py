"""The revision graph, as the revision files state it. No database, no env.py."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import msgspec
from alembic.script import Script
from msgspec.structs import replace

from alembic_proof.stated import Stated, stated_in


class GraphFault(StrEnum):
    """How a revision graph can be broken."""

    MISSING_PARENT = "missing parent"
    CYCLE = "cycle"
    DUPLICATE_ID = "duplicate id"


class GraphProblem(msgspec.Struct, frozen=True):
    """One fault of the graph: the revisions concerned, the parent that is missing, and the files that say so."""

    fault: GraphFault
    revisions: tuple[str, ...]
    files: tuple[str, ...]
    missing: str | None = None

    @property
    def stops_alembic(self) -> bool:
        """Whether Alembic itself refuses to load the history; of two equal ids it silently takes one."""
        return self.fault is not GraphFault.DUPLICATE_ID


class Revision(msgspec.Struct, frozen=True):
    """One revision file. `file` is relative to the root; lines count from 1, None where the function is absent.

    `one_way` holds the words of a downgrade that is absent or begins by raising: declared one-way.
    `upgrade_is_empty` and `downgrade_is_empty` say that the function has a body of `pass` alone. `is_self_contained` says that
    the file imports nothing but Alembic, SQLAlchemy and the standard library, and asks for no driver's connection or cursor.
    """

    id: str
    down: tuple[str, ...]
    depends_on: tuple[str, ...]
    branch_labels: tuple[str, ...]
    message: str
    file: str
    down_revision_line: int | None
    upgrade_line: int | None
    downgrade_line: int | None
    one_way: str | None
    upgrade_is_empty: bool
    downgrade_is_empty: bool
    is_self_contained: bool = False

    @property
    def parents(self) -> tuple[str, ...]:
        """Everything that has to run before: down revisions and dependencies by id."""
        return tuple(dict.fromkeys((*self.down, *self.depends_on)))


class History(msgspec.Struct, frozen=True, dict=True):
    """All revisions, in the order that `alembic upgrade heads` takes when the graph is sound, and what is wrong with it."""

    revisions: tuple[Revision, ...]
    heads: tuple[str, ...]
    bases: tuple[str, ...]
    problems: tuple[GraphProblem, ...] = ()

    @cached_property
    def by_id(self) -> Mapping[str, Revision]:
        return {revision.id: revision for revision in self.revisions}

    def __getitem__(self, revision: str) -> Revision:
        return self.by_id[revision]

    @property
    def is_linear(self) -> bool:
        return len(self.bases) <= 1 and len(self.heads) <= 1 and all(len(r.parents) <= 1 for r in self.revisions)

    @property
    def real_heads(self) -> tuple[str, ...]:
        """The heads as the version table names them: no revision stands on them, by down_revision or by depends_on."""
        stood_on = {parent for revision in self.revisions for parent in revision.parents}
        return tuple(head for head in self.heads if head not in stood_on)

    def ancestors(self, *revisions: str) -> frozenset[str]:
        """Every revision that has to run before these."""
        found: set[str] = set()
        waiting = [parent for revision in revisions for parent in self.by_id[revision].parents]
        while waiting:
            parent = waiting.pop()
            if parent in self.by_id and parent not in found:
                found.add(parent)
                waiting.extend(self.by_id[parent].parents)
        return frozenset(found)

    def above(self, count: int) -> "History":
        """What stands on the first `count` revisions: the others, as if there were nothing below them."""
        below = {revision.id for revision in self.revisions[:count]}
        return make_history(
            [
                replace(
                    revision,
                    down=tuple(parent for parent in revision.down if parent not in below),
                    depends_on=tuple(parent for parent in revision.depends_on if parent not in below),
                )
                for revision in self.revisions[count:]
            ]
        )

    def parts_at(self, count: int) -> bool:
        """Whether all above the first `count` revisions stands on every one of them, and does nothing together with them."""
        below = {revision.id for revision in self.revisions[:count]}
        lowest = [revision for revision in self.revisions[count:] if below.issuperset(revision.parents)]
        return all(self.ancestors(revision.id) >= below for revision in lowest) and not any(
            group & below and group - below for group in self.dependency_groups()
        )

    def dependency_groups(self) -> Iterator[frozenset[str]]:
        """Sets of revisions tied to each other by `depends_on`: they do their work together."""
        groups: list[set[str]] = []
        for revision in self.revisions:
            if revision.depends_on:
                tied = {revision.id, *revision.depends_on}
                joined = [group for group in groups if group & tied]
                groups = [group for group in groups if not group & tied]
                groups.append(tied.union(*joined))
        return (frozenset(group) for group in groups)


def read_history(scripts: Iterable[Script], root: Path, look: Callable[[bytes], Stated] = stated_in) -> History:
    """Read the graph from Alembic's scripts, broken or not. The revisions keep the order in which the scripts come."""
    loaded = list(scripts)
    labels = {label: script.revision for script in loaded for label in script.branch_labels or ()}
    return make_history([_read_revision(script, labels, root, look) for script in loaded])


def make_history(revisions: Sequence[Revision]) -> History:
    """Say what a set of revisions comes to, broken or not. They keep their order."""
    problems = tuple(_problems(sorted(revisions, key=lambda revision: revision.file)))
    children_of = {parent for revision in revisions for parent in revision.down}
    return History(
        revisions=tuple(revisions),
        heads=tuple(r.id for r in revisions if r.id not in children_of),
        bases=tuple(r.id for r in revisions if not r.down),
        problems=problems,
    )


def _read_revision(script: Script, labels: Mapping[str, str], root: Path, look: Callable[[bytes], Stated]) -> Revision:
    path = Path(script.path)
    stated = look(path.read_bytes()) if path.suffix == ".py" else Stated()
    has_downgrade = stated.downgrade_line is not None or hasattr(script.module, "downgrade")
    dependencies = _names(script.dependencies)
    return Revision(
        id=script.revision,
        down=_names(script.down_revision),
        depends_on=tuple(labels.get(name, name) for name in dependencies),
        branch_labels=tuple(sorted(script.branch_labels or ())),
        message=script.doc or "",
        file=path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix(),
        down_revision_line=stated.down_revision_line,
        upgrade_line=stated.upgrade_line,
        downgrade_line=stated.downgrade_line,
        one_way=stated.one_way if has_downgrade else "The revision has no downgrade().",
        upgrade_is_empty=stated.upgrade_is_empty,
        downgrade_is_empty=stated.downgrade_is_empty,
        is_self_contained=stated.is_self_contained,
    )


def _names(value: str | Sequence[str] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def _problems(revisions: Sequence[Revision]) -> Iterator[GraphProblem]:
    by_id: dict[str, list[Revision]] = {}
    for revision in revisions:
        by_id.setdefault(revision.id, []).append(revision)
    for same in by_id.values():
        if len(same) > 1:
            yield GraphProblem(GraphFault.DUPLICATE_ID, (same[0].id,), tuple(sorted(r.file for r in same)))
    for revision in revisions:
        for parent in revision.parents:
            if parent not in by_id:
                yield GraphProblem(GraphFault.MISSING_PARENT, (revision.id,), (revision.file,), missing=parent)
    for cycle in _cycles(revisions):
        yield GraphProblem(GraphFault.CYCLE, tuple(r.id for r in cycle), tuple(r.file for r in cycle))


def _cycles(revisions: Sequence[Revision]) -> Iterator[list[Revision]]:
    """Each cycle, from the revision whose file comes first, every revision followed by its parent."""
    if _has_order(revisions):
        return
    left = _unordered(revisions)
    while left:
        by_id = {revision.id: revision for revision in left}
        path = [left[0].id]
        while (parent := next(name for name in by_id[path[-1]].parents if name in by_id)) not in path:
            path.append(parent)
        cycle = path[path.index(parent) :]
        first = cycle.index(min(cycle, key=lambda name: by_id[name].file))
        yield [by_id[name] for name in (*cycle[first:], *cycle[:first])]
        left = _unordered([revision for revision in left if revision.id not in cycle])


def _has_order(revisions: Sequence[Revision]) -> bool:
    try:
        TopologicalSorter({revision.id: revision.parents for revision in revisions}).prepare()
    except CycleError:
        return False
    return True


def _unordered(revisions: Sequence[Revision]) -> list[Revision]:
    """The revisions that lie on a cycle or between two: not those that follow from a base or merely hang above or below one."""
    known = {revision.id for revision in revisions}
    parents = {r.id: {p for p in r.parents if p in known} for r in revisions}
    while leaves := {name for name, above in parents.items() if not above}:
        parents = {name: above - leaves for name, above in parents.items() if name not in leaves}
    while parents and (tips := set(parents) - set().union(*parents.values())):
        parents = {name: above for name, above in parents.items() if name not in tips}
    return [revision for revision in revisions if revision.id in parents]
