"""Modules import alone.

It fires on a module of the application that cannot be the first one to be imported: it comes back to itself, round a cycle,
before it is complete. The modules of every import cycle, and those that no other module imports, are really imported, each
first in an interpreter of its own. A cycle that all of its modules survive is no finding.

Which module comes first is decided far away: by a sorted list of imports, by a new test, by a new command. As long as env.py
happens to begin at the right end, the cycle is not seen; then the service does not start, or a model's module is skipped by
whatever guards the import, and its table is missing from target_metadata.

The usual cause is a model that imports `db.base`, the module which gathers all models, where it needs `db.base_class`, which
holds Base alone. Take the name from the module that defines it. Where two modules really need each other, move what both need
into a third one, or the import into the function that uses it.

A module that connects to a database when it is imported, that needs a package which is not installed, or that ends the
program, is not proved: the harness opens no connection, and says what stopped it.

To accept a cycle: `[[tool.alembic_proof.accept]]` with check = "modules-import-alone", object = the module, and a reason.
"""

from collections.abc import Iterator, Sequence

from alembic_proof.application import CycleStep, FirstImport
from alembic_proof.evidence import Evidence
from alembic_proof.findings import Finding, Judgement, Rule, Subject
from alembic_proof.imported import Ended

RULE = Rule(
    module=__name__,
    code="AP201",
    effect="Whatever imports this module before the others stops: a new test, a sorted list of imports, another entry point.",
)
NEEDS = frozenset({"application"})


def judge(evidence: Evidence) -> Iterator[Judgement]:
    """Judge each first import; those that went round the same cycle together."""
    application = evidence.application
    if application is None or application.absent is not None:
        reason = "the application was not looked at" if application is None else application.absent
        yield RULE.not_proved(Subject(), str(reason))
        return
    for folder in application.unlooked:
        yield RULE.not_proved(Subject(file=folder.file), f"{folder.module} was not looked at: {folder.reason}")
    cycles: dict[tuple[str, ...], list[FirstImport]] = {}
    for first in application.first_imports:
        match first.ended:
            case Ended.IMPORTED:
                yield RULE.proved(Subject(file=first.file))
            case Ended.UNTRIED:
                yield RULE.not_proved(Subject(file=first.file), f"{first.module} could not be tried: {first.words}")
            case Ended.BROKEN:
                yield _broken(first)
            case Ended.CIRCULAR:
                cycles.setdefault(_identity(first.cycle), []).append(first)
    yield from map(_circular, cycles.values())


def _identity(cycle: Sequence[CycleStep]) -> tuple[str, ...]:
    """The modules of a cycle, whichever comes first."""
    names = [step.importer for step in cycle]
    start = names.index(min(names))
    return (*names[start:], *names[:start])


def _broken(first: FirstImport) -> Finding:
    place = first.file if first.at is None else f"{first.at}:{first.line}"
    return RULE.finding(
        Subject(file=first.at or first.file, line=first.line),
        object=first.module,
        what=f"{first.module} could not be imported.",
        seen=(first.words,),
        fix=f"correct the name at {place}, or delete the module if nothing needs it",
    )


def _circular(tried: Sequence[FirstImport]) -> Finding:
    cycle = tried[0].cycle
    modules = [first.module for first in tried]
    listed = modules[0] if len(modules) == 1 else f"{', '.join(modules[:-1])} and {modules[-1]}"
    cured = next((step for step in cycle if step.instead is not None), None)
    place = cured or cycle[-1]
    return RULE.finding(
        Subject(file=place.file, line=place.line),
        object=modules[0],
        what=f"{listed} could not be imported first: "
        f"{' -> '.join((*(step.importer for step in cycle), cycle[-1].imported))} is a cycle.",
        seen=(*(f"{step.file}:{step.line}  {step.statement}" for step in cycle), tried[0].words),
        fix=_cure(cured) if cured is not None else _detour(cycle),
    )


def _cure(step: CycleStep) -> str:
    return f"replace {step.file}:{step.line} by:\n{step.instead}"


def _detour(cycle: Sequence[CycleStep]) -> str:
    last = cycle[-1]
    return (
        f"{last.file}:{last.line} closes the cycle: move this import into the function that uses it, "
        f"or move what {last.importer} and {last.imported} share into a module that imports neither"
    )
