"""All checks: ours in the order of their codes, greppable, then those of installed packages. An unknown name is an error."""

import difflib
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType

import msgspec
from msgspec.structs import replace

from alembic_proof.checks import (
    downgrade_accepts_new_rows,
    downgrade_keeps_rows,
    downgrade_restores_schema,
    downgrade_runs,
    history_is_connected,
    migrations_stand_alone,
    models_are_registered,
    models_match_migrations,
    modules_import_alone,
    new_code_waits,
    new_revisions_only_extend,
    offline_sql_matches,
    old_code_still_runs,
    paths_agree,
    released_revisions_unchanged,
    single_head,
    upgrade_accepts_rows,
    upgrade_keeps_rows,
    upgrade_reaches_head,
    upgrade_repeats,
    upgrade_runs,
)
from alembic_proof.errors import ProofError
from alembic_proof.evidence import Evidence
from alembic_proof.findings import Judgement, Rule

ON_DATABASES = frozenset({"walk", "deploy", "offline", "models", "paths", "rows", "code", "gaps"})
"""The experiments that run on scratch databases."""


class Scope(StrEnum):
    """What one judgement of a check is about."""

    PROJECT = "project"
    DATABASE = "database"
    REVISION = "revision"


class Check(msgspec.Struct, frozen=True):
    """One check: its rule, the experiments that it needs, its judgement, its documentation page."""

    rule: Rule
    needs: frozenset[str]
    judge: Callable[[Evidence], Iterator[Judgement]]
    page: str

    @property
    def scope(self) -> Scope:
        if "application" in self.needs or not self.needs & ON_DATABASES:
            return Scope.PROJECT
        return Scope.DATABASE if self.needs & {"deploy", "models"} else Scope.REVISION


def _check(module: ModuleType) -> Check:
    return Check(rule=module.RULE, needs=module.NEEDS, judge=module.judge, page=(module.__doc__ or "").strip())


ALL_CHECKS: tuple[Check, ...] = tuple(
    _check(module)
    for module in (
        single_head,
        history_is_connected,
        released_revisions_unchanged,
        new_revisions_only_extend,
        migrations_stand_alone,
        modules_import_alone,
        models_are_registered,
        upgrade_runs,
        downgrade_runs,
        downgrade_restores_schema,
        upgrade_repeats,
        offline_sql_matches,
        paths_agree,
        upgrade_reaches_head,
        models_match_migrations,
        upgrade_accepts_rows,
        upgrade_keeps_rows,
        downgrade_accepts_new_rows,
        downgrade_keeps_rows,
        old_code_still_runs,
        new_code_waits,
    )
)


GROUP = "alembic_proof.checks"
"""The group of entry points by which a package brings checks of its own: each names a module like those of this room."""


DRIFT_CHECKS = {"AP901": "version-is-known", "AP902": "database-matches-history", "AP903": "database-matches-models"}
"""What `alembic-proof drift` judges, by code: settings name it as they name a check, and no other command asks it."""


@cache
def all_checks() -> tuple[Check, ...]:
    """List our checks, and those that installed packages bring.

    Raises:
        ProofError: one of theirs cannot be loaded, is no check, or has the code or the name of another.

    """
    checks = list(ALL_CHECKS)
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        check = _brought(entry)
        taken = {key for one in checks for key in (one.rule.code, one.rule.slug)}
        for key in (check.rule.code, check.rule.slug):
            if key in taken:
                raise _unusable(entry, f'there is a check "{key}" already')
        checks.append(check)
    return tuple(checks)


def _brought(entry: EntryPoint) -> Check:
    try:
        check = _check(entry.load())
    except AttributeError as error:
        raise _unusable(entry, f"it needs RULE, NEEDS and judge: {error}") from error
    except Exception as error:  # a module of somebody else raises anything
        raise _unusable(entry, f"{type(error).__name__}: {error}") from error
    known = frozenset[str]().union(*(ours.needs for ours in ALL_CHECKS))
    if unknown := sorted(set(check.needs) - known):
        raise _unusable(entry, f"NEEDS has {', '.join(unknown)}, which is none of {', '.join(sorted(known))}")

    def judge(evidence: Evidence) -> Iterator[Judgement]:
        try:
            yield from check.judge(evidence)
        except Exception as error:  # theirs, and not a bug of ours
            raise _unusable(entry, f"judge() raised {type(error).__name__}: {error}") from error

    return replace(check, judge=judge)


def _unusable(entry: EntryPoint, why: str) -> ProofError:
    package = entry.dist.name if entry.dist is not None else entry.value
    return ProofError(f"Cannot use check {entry.name} of package {package}: {why}. Mend the package, or uninstall it.")


def slug_of(name: str) -> str:
    """Give the slug of a check that is named by code or by slug.

    Raises:
        ProofError: there is no such check. The message begins with what is wrong, for a caller that knows where it stands.

    """
    for code, slug in _slugs():
        if name in (code, slug):
            return slug
    raise ProofError(f'there is no check "{name}". {_hint(name, [key for pair in _slugs() for key in pair])}')


def is_of_drift(name: str) -> bool:
    """Say whether a code or a slug is one of those that only a live database answers."""
    return name in DRIFT_CHECKS or name in DRIFT_CHECKS.values()


def _slugs() -> list[tuple[str, str]]:
    return [*((check.rule.code, check.rule.slug) for check in all_checks()), *DRIFT_CHECKS.items()]


def _hint(name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"Did you mean {close[0]}?" if close else f"Use one of: {', '.join(c.rule.slug for c in all_checks())}."


def choose_checks(names: Sequence[str]) -> tuple[Check, ...]:
    """Find checks by code or name; all of them when none is named.

    Raises:
        ProofError: there is no such check.

    """
    known = {key: check for check in all_checks() for key in (check.rule.code, check.rule.slug)}
    for name in names:
        if is_of_drift(name):
            raise ProofError(f'Cannot run check "{name}": only a live database can answer it. Use: alembic-proof drift URL')
        if name not in known:
            raise ProofError(f'Cannot run check "{name}": there is no such check. {_hint(name, list(known))}')
    chosen = {known[name].rule.code for name in names}
    return tuple(check for check in all_checks() if not names or check.rule.code in chosen)
